// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package sdks_test

import (
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/docpage"
)

// The code of docs/drop-ins.md that uses the SDKs compiles.
func TestPageOfDropIns(t *testing.T) {
	checker, err := docpage.NewChecker(".", "testdata/dropins.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := docpage.Read("../docs/drop-ins.md")
	if err != nil {
		t.Fatal(err)
	}
	packages := []string{"openai.", "goopenai.", "anthropic.", "genai.", "ollama.", "aws."}
	used := make(map[string]bool)
	for _, block := range page.Blocks {
		if block.Language != "go" {
			continue
		}
		isOurs := false
		for _, name := range packages {
			if strings.Contains(block.Text, " "+name) || strings.Contains(block.Text, "&"+name) {
				used[name], isOurs = true, true
			}
		}
		if !isOurs {
			continue // A test of package docs checks it.
		}
		if err := checker.Check(page.Path, block); err != nil {
			t.Error(err)
		}
	}
	for _, name := range packages {
		if !used[name] {
			t.Errorf("the page does not use %s", name)
		}
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package sdks_test

import (
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/docpage"
)

// The code of the pages that uses the SDKs compiles.
func TestPages(t *testing.T) {
	checker, err := docpage.NewChecker(".", "testdata/dropins.go")
	if err != nil {
		t.Fatal(err)
	}
	packages := []string{"openai.", "goopenai.", "anthropic.", "genai.", "ollama.", "aws.", "speech.", "websocket."}
	used := make(map[string]bool)
	for _, name := range []string{"../docs/drop-ins.md", "../docs/live-calls.md"} {
		page, err := docpage.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range page.Blocks {
			if block.Language != "go" || !uses(block.Text, packages, used) {
				continue // A test of package docs checks it.
			}
			if err := checker.Check(page.Path, block); err != nil {
				t.Error(err)
			}
		}
	}
	for _, name := range packages {
		if !used[name] {
			t.Errorf("no page uses %s", name)
		}
	}
}

// uses reports whether a block uses one of the packages, and adds those that it uses.
func uses(block string, packages []string, used map[string]bool) (isUsed bool) {
	for _, name := range packages {
		if strings.HasPrefix(block, name) || strings.Contains(block, " "+name) || strings.Contains(block, "&"+name) || strings.Contains(block, "\n"+name) {
			used[name], isUsed = true, true
		}
	}
	return isUsed
}

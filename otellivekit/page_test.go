// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit_test

import (
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/docpage"
)

// The code of the project's pages that uses this package compiles.
func TestPagesShowWhatCompiles(t *testing.T) {
	checker, err := docpage.NewChecker(".", "testdata/prelude.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"../README.md", "../docs/livekit.md"} {
		page, err := docpage.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, block := range page.Blocks {
			if block.Language == "go" && strings.Contains(block.Text, "otellivekit.") {
				found = true
				if err := checker.Check(page.Path, block); err != nil {
					t.Error(err)
				}
			}
		}
		if !found {
			t.Errorf("%s does not use package otellivekit", path)
		}
		for _, name := range strings.FieldsFunc(page.Prose, func(r rune) bool { return r == '`' || r == ' ' || r == ',' }) {
			if member, ok := strings.CutPrefix(name, "otellivekit."); ok {
				if has, _ := checker.Has("otellivekit", member); !has {
					t.Errorf("%s: there is no %s", path, name)
				}
			}
		}
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package pages_test checks the Go code of the project's pages that uses the modules otellivekit
// and otelconfig. These may not import internal packages of the root, and the root's tests do not
// need their dependencies. Package docs checks the other code.
package pages_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/internal/testing/docpage"
)

func TestGoBlocksCompile(t *testing.T) {
	for module, pages := range map[string][]string{
		"otellivekit": {"README.md", "docs/livekit.md"},
		"otelconfig":  {"docs/production.md"},
	} {
		t.Run(module, func(t *testing.T) {
			checker, err := docpage.NewChecker(backend.File(t, module), "testdata/"+module+".go")
			if err != nil {
				t.Fatal(err)
			}
			name := regexp.MustCompile("`" + module + `\.(\w+)`)
			for _, path := range pages {
				page, err := docpage.Read(backend.File(t, path))
				if err != nil {
					t.Fatal(err)
				}
				found := false
				for _, block := range page.Blocks {
					if block.Language == "go" && strings.Contains(block.Text, module+".") {
						found = true
						if err := checker.Check(path, block); err != nil {
							t.Error(err)
						}
					}
				}
				if !found {
					t.Errorf("%s does not use package %s", path, module)
				}
				for _, m := range name.FindAllStringSubmatch(page.Prose, -1) {
					if has, _ := checker.Has(module, m[1]); !has {
						t.Errorf("%s: there is no %s.%s", path, module, m[1])
					}
				}
			}
		})
	}
}

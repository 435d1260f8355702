// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package routers_test

import (
	"os"
	"strings"
	"testing"
)

// The code in docs/http.md is from this package.
func TestPageShowsTheCode(t *testing.T) {
	page, err := os.ReadFile("../../docs/http.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("routers.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for block := range strings.SplitSeq(string(page), "```go\n") {
		block, _, _ = strings.Cut(block, "```")
		if !strings.Contains(block, "voicehttp.SetRoute") {
			continue
		}
		found++
		for line := range strings.Lines(block) {
			if !strings.Contains(string(source), "\t"+line) {
				t.Errorf("routers.go does not contain %s", line)
			}
		}
	}
	if found == 0 {
		t.Error("docs/http.md has no recipe")
	}
}

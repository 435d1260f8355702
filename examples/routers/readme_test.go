// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package routers_test

import (
	"os"
	"strings"
	"testing"
)

// The README's recipe is code of this package, to the letter.
func TestREADMEShowsWhatRuns(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("routers.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for block := range strings.SplitSeq(string(readme), "```go\n") {
		block, _, _ = strings.Cut(block, "```")
		if !strings.Contains(block, "voicehttp.SetRoute") {
			continue
		}
		found++
		for line := range strings.Lines(block) {
			if !strings.Contains(string(source), "\t"+line) {
				t.Errorf("not in routers.go: %s", line)
			}
		}
	}
	if found == 0 {
		t.Error("the README has no recipe")
	}
}

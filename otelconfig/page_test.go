// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelconfig_test

import (
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/docpage"
)

// The code of the project's pages that uses this package compiles.
func TestPageShowsWhatCompiles(t *testing.T) {
	checker, err := docpage.NewChecker(".", "testdata/prelude.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := docpage.Read("../docs/production.md")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, block := range page.Blocks {
		if block.Language == "go" && strings.Contains(block.Text, "otelconfig.") {
			found = true
			if err := checker.Check(page.Path, block); err != nil {
				t.Error(err)
			}
		}
	}
	if !found {
		t.Error("docs/production.md does not use package otelconfig")
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package redact_test

import (
	"testing"

	"github.com/voice-agents/telemetry/redact"
)

// What holds no secret costs no memory. The race detector makes allocations of its
// own, so this is built without it.
func TestCleanTextCostsNoMemory(t *testing.T) {
	r := redact.New(redact.Default()...)
	for _, tt := range []struct {
		name string
		run  func()
	}{
		{"clean", func() { r.String(texts[0].text) }},
		{"digits", func() { r.String(texts[1].text) }},
		{"attributes", func() { r.Attributes(attributes) }},
	} {
		if n := testing.AllocsPerRun(100, tt.run); n != 0 {
			t.Errorf("%s: %v allocations, want none", tt.name, n)
		}
	}
}

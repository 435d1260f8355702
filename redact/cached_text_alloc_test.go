// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package redact_test

import (
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/redact"
)

// A cached text is found without allocation at any address.
func TestCachedTextAllocatesNothing(t *testing.T) {
	r := redact.New(redact.Default()...)
	id := "sess_f5e6d7c8b9a0"
	r.Text("session.id", id)
	other := strings.Clone(id)
	if n := testing.AllocsPerRun(100, func() {
		if !engine(r).IsKnownClean(other) || r.Text("session.id", other) != id {
			t.Error("the ID is not cached")
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

// The race detector empties pools at random.

package identity_test

import (
	"testing"

	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

func TestAddToAllocates(t *testing.T) {
	ctx := identity.NewContext(t.Context(), identity.Identity{CorrelationID: "c", SessionID: "s", TurnID: "t"})
	for range 2 { // For the second a block is made.
		logged(ctx, asIs{})
	}
	var table logrecord.Table
	if n := testing.AllocsPerRun(100, func() {
		r := logrecord.New(&table)
		identity.AddTo(r, ctx, asIs{})
		r.Free()
	}); n != 0 {
		t.Errorf("%v allocations a record, want 0", n)
	}
}

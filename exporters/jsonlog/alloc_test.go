// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

// The race detector empties pools at random.

package jsonlog_test

import (
	"io"
	"testing"

	"github.com/voice-agents/telemetry/exporters/jsonlog"
)

func TestEmitDoesNotAllocate(t *testing.T) {
	logger := jsonlog.New(io.Discard, nil).Logger("voice.llm")
	ctx := inSpan(t.Context())
	for _, r := range benchRecords() {
		t.Run(r.name, func(t *testing.T) {
			if got := testing.AllocsPerRun(1000, func() { logger.Emit(ctx, r.Record) }); got > r.allocs {
				t.Errorf("%v allocations a record, want at most %v", got, r.allocs)
			}
		})
	}
}

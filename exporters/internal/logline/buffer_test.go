// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logline_test

import (
	"testing"

	"github.com/voice-agents/telemetry/exporters/internal/logline"
)

func TestBufferIsEmptyWhenNew(t *testing.T) {
	for range 100 {
		b := logline.NewBuffer()
		if len(*b) != 0 {
			t.Fatalf("got a buffer of %d bytes, want 0", len(*b))
		}
		*b = append(*b, "left over"...)
		b.Free()
	}
}

func TestBufferDropsHugeOnes(t *testing.T) {
	for range 100 {
		b := logline.NewBuffer()
		if cap(*b) > 16<<10 {
			t.Fatalf("got a buffer of capacity %d, want at most 16 KiB", cap(*b))
		}
		*b = append(*b, make([]byte, 1<<20)...)
		b.Free()
	}
}

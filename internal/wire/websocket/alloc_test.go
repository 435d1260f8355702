// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package websocket_test

import (
	"testing"

	"github.com/voice-agents/telemetry/internal/wire/websocket"
)

func TestDecoderDoesNotAllocate(t *testing.T) {
	for _, traffic := range traffic {
		d := websocket.NewDecoder(traffic.config, func(*websocket.Event) {})
		if n := testing.AllocsPerRun(1000, func() {
			d.Feed(traffic.frame)
			d.Feed(traffic.frame[:9])
			d.Feed(traffic.frame[9:])
		}); n != 0 {
			t.Errorf("%s: %v allocations for 2 frames", traffic.name, n)
		}
	}
}

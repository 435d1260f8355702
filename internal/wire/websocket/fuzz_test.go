// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket_test

import (
	"slices"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire/websocket"
)

// FuzzDecoder checks that the size of pieces makes no difference, and that the decoder stops after
// an error or a close frame.
func FuzzDecoder(f *testing.F) {
	f.Add(frame(fin|text, false, "hello"), byte(0), byte(3))
	f.Add(frame(fin|text, true, "hello"), byte(1), byte(1))
	f.Add(frame(fin|rsv1|text, false, "\xf2\x48\xcd\xc9\xc9\x07\x00"), byte(2), byte(2))
	f.Add(frame(fin|closeFrame, false, "\x03\xe8bye"), byte(6), byte(9))
	f.Fuzz(func(t *testing.T, in []byte, mode, piece byte) {
		config := websocket.Config{
			Client: mode&1 != 0, Deflate: mode&2 != 0, NoContext: mode&4 != 0, MaxMessage: 1 << 10,
		}
		whole := decode(config, in, max(len(in), 1))
		pieces := decode(config, in, int(piece)+1)
		if !slices.Equal(whole, pieces) {
			t.Fatalf("whole: %q, in pieces: %q", whole, pieces)
		}
	})
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vonage_test

import (
	"flag"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/vonage"
)

var _ = flag.Bool("update", false, "write the events of testdata/wire")

func TestConversations(t *testing.T) { wiretest.Conversations(t, "vonage", vonage.Connection) }

func FuzzConnection(f *testing.F) { wiretest.FuzzConnection(f, "vonage", vonage.Connection) }

func TestFramesAllocateNothing(t *testing.T) {
	frames := []wire.Message{
		{Data: []byte(`{"event":"websocket:connected","content-type":"audio/l16;rate=16000"}`)},
		{Binary: true, Data: make([]byte, 640)},
		{Sent: true, Binary: true, Data: make([]byte, 640)},
	}
	events := 0
	c := vonage.Connection(&wire.Target{}, func(*wire.Event) { events++ })
	c.Message(frames[0])
	c.Message(frames[2]) // The first frame sets the format.
	events = 0
	if n := wiretest.Allocs(100, func() {
		c.Message(frames[1])
		c.Message(frames[2])
	}); n != 0 || events != 202 {
		t.Errorf("%v allocations for two frames, %d events", n, events)
	}
}

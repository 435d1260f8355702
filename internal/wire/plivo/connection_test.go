// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package plivo_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/plivo"
)

var _ = flag.Bool("update", false, "write the events of testdata/wire")

func TestConversations(t *testing.T) { wiretest.Conversations(t, "plivo", plivo.Connection) }

func FuzzConnection(f *testing.F) { wiretest.FuzzConnection(f, "plivo", plivo.Connection) }

func TestFramesAllocateNothing(t *testing.T) {
	payload := strings.Repeat("/w", 106) + "/w=="
	frames := []wire.Message{
		{Data: []byte(`{"event":"start","start":{"callId":"1","streamId":"2","mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000}}}`)},
		{Data: []byte(`{"sequenceNumber":2,"streamId":"2","event":"media","media":{"track":"inbound","timestamp":"1711216222735","chunk":2,"payload":"` + payload + `"},"extra_headers":"{}"}`)},
		{Sent: true, Data: []byte(`{"event":"playAudio","media":{"contentType":"audio/x-mulaw","sampleRate":8000,"payload":"` + payload + `"}}`)},
	}
	events := 0
	c := plivo.Connection(&wire.Target{}, func(*wire.Event) { events++ })
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

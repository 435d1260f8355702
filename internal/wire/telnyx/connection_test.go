// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package telnyx_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/telnyx"
)

var _ = flag.Bool("update", false, "write the events of testdata/wire")

func TestConversations(t *testing.T) { wiretest.Conversations(t, "telnyx", telnyx.Connection) }

func FuzzConnection(f *testing.F) { wiretest.FuzzConnection(f, "telnyx", telnyx.Connection) }

func TestFramesAllocateNothing(t *testing.T) {
	payload := strings.Repeat("/w", 106) + "/w=="
	frames := []wire.Message{
		{Data: []byte(`{"event":"start","start":{"call_control_id":"v3:1","media_format":{"encoding":"PCMU","sample_rate":8000,"channels":1}},"stream_id":"1"}`)},
		{Data: []byte(`{"event":"media","sequence_number":"4","media":{"track":"inbound","chunk":"2","timestamp":"5","payload":"` + payload + `"},"stream_id":"1"}`)},
		{Sent: true, Data: []byte(`{"event":"media","media":{"payload":"` + payload + `"}}`)},
	}
	events := 0
	c := telnyx.Connection(&wire.Target{}, func(*wire.Event) { events++ })
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

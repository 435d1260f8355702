// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"encoding/base64"
	"flag"
	"fmt"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/twilio"
)

var _ = flag.Bool("update", false, "write the events of testdata/wire")

func TestConversations(t *testing.T) {
	wiretest.Conversations(t, "twilio", twilio.Connection)
	wiretest.Conversations(t, "exotel", twilio.Connection)
}

func FuzzConnection(f *testing.F) { wiretest.FuzzConnection(f, "twilio", twilio.Connection) }

// frames returns frames of 20 ms as Twilio sends them, and as a program does.
func frames(count int) (received, sent []wire.Message) {
	audio := make([]byte, 160)
	for i := range count {
		for n := range audio {
			audio[n] = byte(n * (i + 3))
		}
		payload := base64.StdEncoding.EncodeToString(audio)
		received = append(received, wire.Message{Data: fmt.Appendf(nil,
			`{"event":"media","sequenceNumber":"%d","media":{"track":"inbound","chunk":"%d","timestamp":"%d","payload":"%s"},"streamSid":"MZ18ad3ab5a668481ce02b83e7395059f0"}`,
			i+4000, i+3999, 20*i+80000, payload)})
		sent = append(sent, wire.Message{Sent: true, Data: fmt.Appendf(nil,
			`{"event":"media","streamSid":"MZ18ad3ab5a668481ce02b83e7395059f0","media":{"payload":"%s"}}`, payload)})
	}
	return received, sent
}

func TestFramesAllocateNothing(t *testing.T) {
	received, sent := frames(64)
	c := twilio.Connection(&wire.Target{}, func(*wire.Event) {})
	i := 0
	if n := wiretest.Allocs(200, func() {
		c.Message(received[i%64])
		c.Message(sent[i%64])
		i++
	}); n != 0 {
		t.Errorf("%v allocations for two frames", n)
	}
}

func BenchmarkFrame(b *testing.B) {
	received, sent := frames(64)
	for name, messages := range map[string][]wire.Message{"received": received, "sent": sent} {
		b.Run(name, func(b *testing.B) {
			c := twilio.Connection(&wire.Target{}, func(*wire.Event) {})
			b.ReportAllocs()
			for i := range b.N {
				c.Message(messages[i%64])
			}
		})
	}
}

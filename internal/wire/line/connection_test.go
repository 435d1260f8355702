// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package line_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/line"
	"github.com/voice-agents/telemetry/internal/wire/plivo"
	"github.com/voice-agents/telemetry/internal/wire/telnyx"
	"github.com/voice-agents/telemetry/internal/wire/twilio"
	"github.com/voice-agents/telemetry/internal/wire/vonage"
)

// providers are the decoders of the recorded conversations.
var providers = map[string]wiretest.NewConnection{
	"twilio": twilio.Connection, "exotel": twilio.Connection, "telnyx": telnyx.Connection,
	"plivo": plivo.Connection, "vonage": vonage.Connection,
}

// notFound are conversations that begin with what no line sends.
var notFound = map[string]bool{"vonage/wrong": true}

func TestConversationsOfAllProviders(t *testing.T) {
	for provider, decoder := range providers {
		dirs, err := filepath.Glob(filepath.Join("..", "..", "..", "testdata", "wire", provider, "*", "messages.txt"))
		if err != nil || len(dirs) == 0 {
			t.Fatalf("no conversations of %s were found: %v", provider, err)
		}
		for _, path := range dirs {
			dir := filepath.Dir(path)
			name := provider + "/" + filepath.Base(dir)
			t.Run(name, func(t *testing.T) {
				c := wiretest.ReadConversation(t, dir)
				_, want, _ := strings.Cut(c.Events(t, decoder), "\n")
				if notFound[name] {
					want = "1 NotUnderstood name=\"line\"\n"
				}
				if got := c.Events(t, line.Connection); got != "stage=line provider=\n"+want {
					t.Errorf("got\n%swant\n%s", got, want)
				}
			})
		}
	}
}

func TestFind(t *testing.T) {
	const other = "NotUnderstood name=\"line\""
	for _, tt := range []struct {
		name             string
		messages         []wire.Message
		provider, events string
	}{
		{"nothing", nil, "", ""},
		{"a browser that sends audio", []wire.Message{{Binary: true, Data: make([]byte, 640)}, {Data: []byte(`{"event":"websocket:connected"}`)}}, "", other},
		{"a browser that sends JSON", []wire.Message{{Data: []byte(`{"type":"hello"}`)}, {Data: []byte(`{"type":"hello"}`)}}, "", other},
		{"a browser that sends text", []wire.Message{{Data: []byte("hello")}}, "", other},
		{"an empty message", []wire.Message{{}}, "", other},
		{"a program that greets a browser", []wire.Message{
			{Sent: true, Data: []byte(`{"type":"welcome"}`)}, {Sent: true, Binary: true, Data: []byte{1}}, {Data: []byte(`{"type":"hello"}`)},
		}, "", other},
		{"connected alone", []wire.Message{{Data: []byte(`{"event":"connected"}`)}}, "", ""},
		{"a relay", []wire.Message{{Data: []byte(`{"type":"setup","sessionId":"VX1","callSid":"CA1"}`)}}, "twilio", `CallStarted provider="twilio" call="CA1" stream="VX1"`},
		{"media of Twilio before start", []wire.Message{{Data: []byte(`{"event":"media","streamSid":"MZ1","media":{"payload":"//8="}}`)}}, "twilio", "UserAudio audio=250µs"},
		{"a program sends audio first", []wire.Message{{Sent: true, Data: []byte(`{"event":"media","media":{"payload":"//8="}}`)}}, "telnyx", "Audio"},
		{"a program plays audio first", []wire.Message{{Sent: true, Data: []byte(`{"event":"clearAudio"}`)}}, "plivo", "Cleared"},
		{"a program clears first", []wire.Message{{Sent: true, Data: []byte(`{"action":"clear"}`)}}, "vonage", "Cleared"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var events []string
			c := line.Connection(&wire.Target{Provider: "browser"}, func(e *wire.Event) { events = append(events, wiretest.Format(e)) })
			for _, m := range tt.messages {
				c.Message(m)
			}
			c.Closed()
			if got := strings.Join(events, "\n"); got != tt.events {
				t.Errorf("events %q, want %q", got, tt.events)
			}
			if a := c.Asks(); a.Stage != wire.Line || a.Provider != tt.provider {
				t.Errorf("stage %q, provider %q", a.Stage, a.Provider)
			}
		})
	}
}

func TestGivesUp(t *testing.T) {
	events := 0
	c := line.Connection(&wire.Target{}, func(*wire.Event) { events++ })
	for range 1000 {
		c.Message(wire.Message{Sent: true, Data: []byte(`{"type":"welcome"}`)})
	}
	c.Message(wire.Message{Data: []byte(`{"event":"websocket:connected"}`)})
	if events != 1 {
		t.Errorf("%d events, want 1", events)
	}
}

func FuzzConnection(f *testing.F) { wiretest.FuzzConnection(f, "telnyx", line.Connection) }

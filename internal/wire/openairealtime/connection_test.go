// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openairealtime_test

import (
	"encoding/base64"
	"flag"
	"net/url"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/openairealtime"
)

var _ = flag.Bool("update", false, "write events.txt")

func TestConversations(t *testing.T) {
	wiretest.Conversations(t, "openai", openairealtime.Connection)
}

func FuzzConnection(f *testing.F) {
	wiretest.FuzzConnection(f, "openai", openairealtime.Connection)
}

func TestConnection(t *testing.T) {
	for path, want := range map[string]bool{
		"/v1/realtime": true, "/openai/realtime": true, "/openai/v1/realtime": true, "/voice-live/realtime": true,
		"/v1/speech-to-text/realtime": false, "/v1/listen": false, "": false,
	} {
		if got := openairealtime.Connection(&wire.Target{Path: path, Query: url.Values{}}, func(*wire.Event) {}) != nil; got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

// TestResponsesThatAreGivenUp is for responses of which no end is reported.
func TestResponsesThatAreGivenUp(t *testing.T) {
	const first, second = `{"type":"response.created","response":{"id":"resp_1"}}`, `{"type":"response.created","response":{"id":"resp_2"}}`
	for _, tt := range []struct {
		name, provider string
		messages       []string
		want           string
	}{
		{"xAI gives up what it has not begun to say", "x_ai", []string{first, second}, "Responding resp_1, Responded resp_1 incomplete, Responding resp_2"},
		{"xAI has begun to speak", "x_ai", []string{first, `{"type":"response.output_audio.delta","response_id":"resp_1","delta":"AAAA"}`, second}, "Responding resp_1, Responding resp_2"},
		{"xAI has called a tool", "x_ai", []string{first, `{"type":"response.function_call_arguments.done","response_id":"resp_1","call_id":"call_1","name":"book"}`, second}, "Responding resp_1, Responding resp_2"},
		{"one that is complete", "x_ai", []string{first, `{"type":"response.done","response":{"id":"resp_1","status":"completed"}}`, second}, "Responding resp_1, Responded resp_1 completed, Responding resp_2"},
		{"one beside another", "openai", []string{first, second}, "Responding resp_1, Responding resp_2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			c := openairealtime.Connection(&wire.Target{Provider: tt.provider, Path: "/v1/realtime", Query: url.Values{}}, func(e *wire.Event) {
				switch e.Kind {
				case wire.Responding:
					got = append(got, "Responding "+e.Of)
				case wire.Responded:
					got = append(got, "Responded "+e.Of+" "+e.Name)
				default:
				}
			})
			for _, m := range tt.messages {
				c.Message(wire.Message{Data: []byte(m)})
			}
			if got := strings.Join(got, ", "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func audio(delta bool) []wire.Message {
	payload := base64.StdEncoding.EncodeToString(make([]byte, 960))
	sent := []byte(`{"type":"input_audio_buffer.append","audio":"` + payload + `"}`)
	received := []byte(`{"type":"response.output_audio.delta","event_id":"event_1","response_id":"resp_1","item_id":"item_1","output_index":0,"content_index":0,"delta":"` + payload + `"}`)
	if delta {
		return []wire.Message{{Data: received}}
	}
	return []wire.Message{{Sent: true, Data: sent}}
}

func TestAudioAllocatesNothing(t *testing.T) {
	for name, messages := range map[string][]wire.Message{"sent": audio(false), "received": audio(true)} {
		c := openairealtime.Connection(&wire.Target{Path: "/v1/realtime", Query: url.Values{}}, func(*wire.Event) {})
		if n := wiretest.Allocs(100, func() { c.Message(messages[0]) }); n != 0 {
			t.Errorf("%s: %v allocations a message", name, n)
		}
	}
}

func BenchmarkAudio(b *testing.B) {
	for name, messages := range map[string][]wire.Message{"sent": audio(false), "received": audio(true)} {
		b.Run(name, func(b *testing.B) {
			c := openairealtime.Connection(&wire.Target{Path: "/v1/realtime", Query: url.Values{}}, func(*wire.Event) {})
			b.ReportAllocs()
			for b.Loop() {
				c.Message(messages[0])
			}
		})
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openairealtime_test

import (
	"encoding/base64"
	"flag"
	"net/url"
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

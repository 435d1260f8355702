// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package cartesia_test

import (
	"encoding/base64"
	"flag"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/cartesia"
)

var _ = flag.Bool("update", false, "write events.txt")

func TestConversations(t *testing.T) { wiretest.Conversations(t, "cartesia", cartesia.Connection) }

func FuzzConnection(f *testing.F) { wiretest.FuzzConnection(f, "cartesia", cartesia.Connection) }

func TestConnectionReadsOnlyItsPaths(t *testing.T) {
	for path, want := range map[string]wire.Stage{
		"/tts/websocket":               wire.TTS,
		"/proxy/tts/websocket/":        wire.TTS,
		"/stt/websocket":               wire.STT,
		"/stt/turns/websocket":         wire.STT,
		"/agents/stream/agent_1":       wire.Realtime,
		"/v1/agents/websocket/agent_1": wire.Realtime,
		"/agents/stream/":              "",
		"/agents/stream/agent_1/calls": "",
		"/tts/bytes":                   "",
		"/websocket":                   "",
		"":                             "",
	} {
		got := wire.Stage("")
		if c := cartesia.Connection(&wire.Target{Path: path}, func(*wire.Event) {}); c != nil {
			got = c.Asks().Stage
		}
		if got != want {
			t.Errorf("%q: stage %q, want %q", path, got, want)
		}
	}
}

// Frames of 20 ms.
var frames = []struct {
	name, path, query string
	before, frame     wire.Message
	kind              wire.Kind
}{
	{
		"speech", "/tts/websocket", "",
		wire.Message{Sent: true, Data: []byte(`{"context_id":"a","transcript":"Hello. ","output_format":{"container":"raw","encoding":"pcm_s16le","sample_rate":16000}}`)},
		wire.Message{Data: fmt.Appendf(nil, `{"type":"chunk","context_id":"a","data":"%s","done":false,"status_code":206,"step_time":12.5}`, silence(640))},
		wire.Audio,
	},
	{
		"recogniser", "/stt/turns/websocket", "encoding=pcm_s16le&sample_rate=16000",
		wire.Message{Sent: true, Binary: true},
		wire.Message{Sent: true, Binary: true, Data: make([]byte, 640)},
		wire.UserAudio,
	},
	{
		"user of an agent", "/v1/agents/websocket/agent_1", "",
		wire.Message{Sent: true, Data: []byte(`{"type":"session_create","audio":{"input_format":"pcm_16000"}}`)},
		wire.Message{Sent: true, Data: fmt.Appendf(nil, `{"type":"audio_input","audio":"%s"}`, silence(640))},
		wire.UserAudio,
	},
	{
		"agent", "/v1/agents/websocket/agent_1", "",
		wire.Message{Data: []byte(`{"type":"session_ready","call_id":"ac_1","audio":{"input_format":"pcm_16000"}}`)},
		wire.Message{Data: fmt.Appendf(nil, `{"type":"audio_output","audio":"%s"}`, silence(640))},
		wire.Audio,
	},
}

func silence(size int) string { return base64.StdEncoding.EncodeToString(make([]byte, size)) }

func TestFramesAllocateNothing(t *testing.T) {
	for _, tt := range frames {
		query, err := url.ParseQuery(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		reported := 0
		c := cartesia.Connection(&wire.Target{Path: tt.path, Query: query}, func(e *wire.Event) {
			if e.Kind == tt.kind {
				reported++
			}
		})
		c.Message(tt.before)
		if n := wiretest.Allocs(100, func() { c.Message(tt.frame) }); n != 0 || reported != 101 {
			t.Errorf("%s: %v allocations a frame, %d events of 101 frames", tt.name, n, reported)
		}
	}
}

func BenchmarkFrame(b *testing.B) {
	for _, tt := range frames {
		b.Run(strings.ReplaceAll(tt.name, " ", "_"), func(b *testing.B) {
			query, _ := url.ParseQuery(tt.query)
			c := cartesia.Connection(&wire.Target{Path: tt.path, Query: query}, func(*wire.Event) {})
			c.Message(tt.before)
			b.ReportAllocs()
			for b.Loop() {
				c.Message(tt.frame)
			}
		})
	}
}

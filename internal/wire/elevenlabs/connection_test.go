// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package elevenlabs_test

import (
	"encoding/base64"
	"flag"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/elevenlabs"
)

var _ = flag.Bool("update", false, "write events.txt")

func TestConversations(t *testing.T) { wiretest.Conversations(t, "elevenlabs", elevenlabs.Connection) }

func FuzzConnection(f *testing.F) { wiretest.FuzzConnection(f, "elevenlabs", elevenlabs.Connection) }

func TestConnectionReadsOnlyItsPaths(t *testing.T) {
	for path, want := range map[string]wire.Stage{
		"/v1/text-to-speech/JBFq/stream-input":        wire.TTS,
		"/v1/text-to-speech/JBFq/multi-stream-input":  wire.TTS,
		"/proxy/v1/text-to-speech/JBFq/stream-input/": wire.TTS,
		"/v1/text-to-dialogue/stream-input":           wire.TTS,
		"/v1/text-to-dialogue/multi-stream-input":     wire.TTS,
		"/v1/speech-to-text/realtime":                 wire.STT,
		"/v1/convai/conversation":                     wire.Realtime,
		"/v1/text-to-speech/JBFq/stream":              "",
		"/v1/text-to-speech/stream-input":             "",
		"/v1/text-to-speech//stream-input":            "",
		"/v1/text-to-speech/JBFq/other/stream-input":  "",
		"/v1/speech-to-text":                          "",
		"/v1/convai/conversations":                    "",
		"/stream-input":                               "",
		"":                                            "",
	} {
		got := wire.Stage("")
		if c := elevenlabs.Connection(&wire.Target{Path: path}, func(*wire.Event) {}); c != nil {
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
	before            []wire.Message
	frame             wire.Message
	kind              wire.Kind
}{
	{
		"speech", "/v1/text-to-speech/JBFq/stream-input", "output_format=pcm_24000",
		[]wire.Message{{Sent: true, Data: []byte(`{"text":"Hello. "}`)}},
		wire.Message{Data: fmt.Appendf(nil, `{"audio":"%s","isFinal":null,"normalizedAlignment":null,"alignment":null}`, silence(960))},
		wire.Audio,
	},
	{
		"speech of a context", "/v1/text-to-speech/JBFq/multi-stream-input", "output_format=pcm_24000",
		[]wire.Message{{Sent: true, Data: []byte(`{"text":"Hello. ","context_id":"turn_1"}`)}},
		wire.Message{Data: fmt.Appendf(nil, `{"audio":"%s","contextId":"turn_1"}`, silence(960))},
		wire.Audio,
	},
	{
		"transcription", "/v1/speech-to-text/realtime", "audio_format=pcm_16000", nil,
		wire.Message{Sent: true, Data: fmt.Appendf(nil, `{"message_type":"input_audio_chunk","audio_base_64":"%s","commit":false,"sample_rate":16000}`, silence(640))},
		wire.UserAudio,
	},
	{
		"user of an agent", "/v1/convai/conversation", "", nil,
		wire.Message{Sent: true, Data: fmt.Appendf(nil, `{"user_audio_chunk":"%s"}`, silence(640))},
		wire.UserAudio,
	},
	{
		"agent", "/v1/convai/conversation", "", nil,
		wire.Message{Data: fmt.Appendf(nil, `{"type":"audio","audio_event":{"audio_base_64":"%s","event_id":1}}`, silence(640))},
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
		c := elevenlabs.Connection(&wire.Target{Path: tt.path, Query: query}, func(e *wire.Event) {
			if e.Kind == tt.kind {
				reported++
			}
		})
		for _, m := range tt.before {
			c.Message(m)
		}
		if n := wiretest.Allocs(100, func() { c.Message(tt.frame) }); n != 0 || reported != 101 {
			t.Errorf("%s: %v allocations a frame, %d events of 101 frames", tt.name, n, reported)
		}
	}
}

// TestOldContextsAreForgotten holds that contexts that never end take no memory without end.
func TestOldContextsAreForgotten(t *testing.T) {
	var last string
	c := elevenlabs.Connection(&wire.Target{Path: "/v1/text-to-speech/JBFq/multi-stream-input"}, func(e *wire.Event) {
		last = e.Kind.String() + " " + e.Of
	})
	for i := range 1000 {
		c.Message(wire.Message{Sent: true, Data: fmt.Appendf(nil, `{"text":"Hello","context_id":"%d"}`, i)})
	}
	for _, tt := range []struct{ message, want string }{
		{`{"audio":"AAAA","contextId":"999"}`, "Audio 999"},
		{`{"audio":"AAAA","contextId":"968"}`, "Audio 968"},
		{`{"audio":"AAAA","contextId":"967"}`, "NotUnderstood "},
	} {
		c.Message(wire.Message{Data: []byte(tt.message)})
		if last != tt.want {
			t.Errorf("%s: %q, want %q", tt.message, last, tt.want)
		}
	}
}

func BenchmarkFrame(b *testing.B) {
	for _, tt := range frames {
		b.Run(strings.ReplaceAll(tt.name, " ", "_"), func(b *testing.B) {
			query, _ := url.ParseQuery(tt.query)
			c := elevenlabs.Connection(&wire.Target{Path: tt.path, Query: query}, func(*wire.Event) {})
			for _, m := range tt.before {
				c.Message(m)
			}
			b.ReportAllocs()
			for b.Loop() {
				c.Message(tt.frame)
			}
		})
	}
}

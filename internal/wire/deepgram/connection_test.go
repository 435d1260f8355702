// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package deepgram_test

import (
	"flag"
	"net/url"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/deepgram"
)

var _ = flag.Bool("update", false, "write events.txt")

func TestConversations(t *testing.T) { wiretest.Conversations(t, "deepgram", deepgram.Connection) }

func FuzzConnection(f *testing.F) { wiretest.FuzzConnection(f, "deepgram", deepgram.Connection) }

func TestConnectionReadsOnlySpeech(t *testing.T) {
	for _, c := range []struct {
		host, path string
		want       wire.Stage
	}{
		{"api.deepgram.com", "/v1/listen", wire.STT},
		{"127.0.0.1", "/deepgram/v1/listen/", wire.STT},
		{"api.deepgram.com", "/v2/listen", wire.STT},
		{"api.deepgram.com", "/v1/speak", wire.TTS},
		{"api.deepgram.com", "/v2/speak", wire.TTS},
		{"agent.deepgram.com", "/v1/agent/converse", wire.Realtime},
		{"agent.deepgram.com", "/agent", wire.Realtime},
		{"127.0.0.1", "/agent", ""},
		{"api.deepgram.com", "/v1/projects", ""},
		{"api.deepgram.com", "/v3/listen", ""},
	} {
		var got wire.Stage
		if d := deepgram.Connection(&wire.Target{Host: c.host, Path: c.path}, func(*wire.Event) {}); d != nil {
			got = d.Asks().Stage
			if d.Asks().Provider != "deepgram" {
				t.Errorf("%s%s: provider %q", c.host, c.path, d.Asks().Provider)
			}
		}
		if got != c.want {
			t.Errorf("%s%s: stage %q, want %q", c.host, c.path, got, c.want)
		}
	}
}

// audio returns a decoder that has read a message of audio, with that message.
func audio(tb testing.TB, path, query string, isSent bool) (wire.Connection, wire.Message) {
	tb.Helper()
	q, err := url.ParseQuery(query)
	if err != nil {
		tb.Fatal(err)
	}
	d := deepgram.Connection(&wire.Target{Path: path, Query: q}, func(*wire.Event) {})
	m := wire.Message{Sent: isSent, Binary: true, Data: make([]byte, 640)}
	d.Message(m)
	return d, m
}

func TestAudioAllocatesNothing(t *testing.T) {
	for _, c := range []struct {
		name, path, query string
		isSent            bool
	}{
		{"to listen", "/v1/listen", "encoding=linear16&sample_rate=16000", true},
		{"to listen, in a container", "/v1/listen", "", true},
		{"to Flux", "/v2/listen", "encoding=linear16&sample_rate=16000", true},
		{"of speak", "/v1/speak", "encoding=linear16&sample_rate=16000", false},
		{"to the agent", "/v1/agent/converse", "", true},
		{"of the agent", "/v1/agent/converse", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, m := audio(t, c.path, c.query, c.isSent)
			if n := wiretest.Allocs(200, func() { d.Message(m) }); n != 0 {
				t.Errorf("%v allocations a message", n)
			}
		})
	}
}

// TestDurationsAddUp holds that the durations of pieces of any size are those of the audio.
func TestDurationsAddUp(t *testing.T) {
	var sum time.Duration
	d := deepgram.Connection(&wire.Target{Path: "/v1/listen", Query: url.Values{
		"encoding": {"linear16"}, "sample_rate": {"44100"},
	}}, func(e *wire.Event) { sum += e.Audio })
	piece := make([]byte, 7)
	for range 88200 / 7 {
		d.Message(wire.Message{Sent: true, Binary: true, Data: piece})
	}
	if sum != time.Second {
		t.Errorf("the audio is %v long, want 1s", sum)
	}
}

// TestFlushesAreBounded holds that texts whose Flush is never answered take no memory.
func TestFlushesAreBounded(t *testing.T) {
	var cleared int
	d := deepgram.Connection(&wire.Target{Path: "/v1/speak"}, func(e *wire.Event) {
		if e.Kind == wire.Cleared {
			cleared++
		}
	})
	for range 1000 {
		d.Message(wire.Message{Sent: true, Data: []byte(`{"type":"Speak","text":"a"}`)})
		d.Message(wire.Message{Sent: true, Data: []byte(`{"type":"Flush"}`)})
	}
	d.Message(wire.Message{Sent: true, Data: []byte(`{"type":"Clear"}`)})
	if cleared != 32 {
		t.Errorf("%d generations are open, want 32", cleared)
	}
}

func BenchmarkAudio(b *testing.B) {
	for _, c := range []struct {
		name, path string
		isSent     bool
	}{
		{"listen", "/v1/listen", true},
		{"speak", "/v1/speak", false},
		{"agent", "/v1/agent/converse", true},
	} {
		b.Run(c.name, func(b *testing.B) {
			d, m := audio(b, c.path, "encoding=linear16&sample_rate=16000", c.isSent)
			b.ReportAllocs()
			for b.Loop() {
				d.Message(m)
			}
		})
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assemblyai_test

import (
	"encoding/base64"
	"flag"
	"net/url"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/assemblyai"
)

var _ = flag.Bool("update", false, "write events.txt")

func TestConversations(t *testing.T) {
	wiretest.Conversations(t, "assemblyai", assemblyai.Connection)
}

func FuzzConnection(f *testing.F) {
	wiretest.FuzzConnection(f, "assemblyai", assemblyai.Connection)
}

func TestConnectionReadsOnlyStreams(t *testing.T) {
	for path, want := range map[string]bool{
		"/v3/ws": true, "/proxy/v3/ws/": true, "/v2/realtime/ws": true,
		"/v2/transcript": false, "/ws": false, "": false,
	} {
		if got := assemblyai.Connection(&wire.Target{Path: path}, nil) != nil; got != want {
			t.Errorf("%q: a decoder: %v", path, got)
		}
	}
}

var frames = []struct {
	name, path string
	message    wire.Message
}{
	{"binary", "/v3/ws", wire.Message{Sent: true, Binary: true, Data: make([]byte, 640)}},
	{"base64", "/v2/realtime/ws", wire.Message{Sent: true, Data: []byte(`{"audio_data":"` + base64.StdEncoding.EncodeToString(make([]byte, 640)) + `"}`)}},
}

func decoder(path string) wire.Connection {
	return assemblyai.Connection(&wire.Target{Path: path, Query: url.Values{"sample_rate": {"16000"}}}, func(*wire.Event) {})
}

func TestAudioAllocatesNothing(t *testing.T) {
	for _, f := range frames {
		d := decoder(f.path)
		d.Message(f.message)
		if n := wiretest.Allocs(200, func() { d.Message(f.message) }); n != 0 {
			t.Errorf("%s: %v allocations a message", f.name, n)
		}
	}
}

func BenchmarkAudio(b *testing.B) {
	for _, f := range frames {
		b.Run(f.name, func(b *testing.B) {
			d := decoder(f.path)
			b.ReportAllocs()
			for b.Loop() {
				d.Message(f.message)
			}
		})
	}
}

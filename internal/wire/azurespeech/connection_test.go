// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package azurespeech_test

import (
	"encoding/binary"
	"flag"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/azurespeech"
)

var _ = flag.Bool("update", false, "write events.txt")

func TestConversations(t *testing.T) {
	wiretest.Conversations(t, "azure-speech", azurespeech.Connection)
}

func FuzzConnection(f *testing.F) {
	wiretest.FuzzConnection(f, "azure-speech", azurespeech.Connection)
}

func TestConnectionReadsOnlySpeech(t *testing.T) {
	for path, want := range map[string]wire.Stage{
		"/speech/recognition/conversation/cognitiveservices/v1": wire.STT,
		"/stt/speech/universal/v2":                              wire.STT,
		"/speech/universal/v2":                                  wire.STT,
		"/tts/cognitiveservices/websocket/v1":                   wire.TTS,
		"/cognitiveservices/websocket/v2":                       wire.TTS,
		"/cognitiveservices/v1":                                 "",
		"/openai/realtime":                                      "",
	} {
		var got wire.Stage
		if d := azurespeech.Connection(&wire.Target{Path: path}, nil); d != nil {
			got = d.Asks().Stage
		}
		if got != want {
			t.Errorf("%s: stage %q, want %q", path, got, want)
		}
	}
}

// frame returns a binary message.
func frame(head, body string) []byte {
	return append(append(binary.BigEndian.AppendUint16(nil, uint16(len(head))), head...), body...)
}

const head = "Path: audio\r\nX-RequestId: 8d4e8ba8a2e64c1f9a2f7d3f5c8a1e44\r\nX-Timestamp: 2026-03-11T15:02:06.123Z\r\nX-StreamId: 1\r\n"

// recogniser returns a decoder that has read the header of 16 kHz PCM.
func recogniser() wire.Connection {
	d := azurespeech.Connection(&wire.Target{Path: "/stt/speech/universal/v2"}, func(*wire.Event) {})
	d.Message(wire.Message{Sent: true, Binary: true, Data: frame(head, "RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00")})
	return d
}

// synthesizer returns a decoder that has read a text.
func synthesizer() wire.Connection {
	d := azurespeech.Connection(&wire.Target{Path: "/tts/cognitiveservices/websocket/v1"}, func(*wire.Event) {})
	d.Message(wire.Message{Sent: true, Data: []byte("Path: ssml\r\nX-RequestId: 8d4e8ba8a2e64c1f9a2f7d3f5c8a1e44\r\n\r\n<speak>Hello.</speak>")})
	return d
}

func TestFramesAllocateNothing(t *testing.T) {
	for name, d := range map[string]wire.Connection{"sent": recogniser(), "received": synthesizer()} {
		m := wire.Message{Sent: name == "sent", Binary: true, Data: frame(head, string(make([]byte, 640)))}
		d.Message(m)
		if n := wiretest.Allocs(200, func() { d.Message(m) }); n != 0 {
			t.Errorf("%s: %v allocations a message", name, n)
		}
	}
}

func BenchmarkAudio(b *testing.B) {
	for name, d := range map[string]wire.Connection{"sent": recogniser(), "received": synthesizer()} {
		b.Run(name, func(b *testing.B) {
			m := wire.Message{Sent: name == "sent", Binary: true, Data: frame(head, string(make([]byte, 640)))}
			b.ReportAllocs()
			for b.Loop() {
				d.Message(m)
			}
		})
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package geminilive_test

import (
	"encoding/base64"
	"flag"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/geminilive"
)

var _ = flag.Bool("update", false, "write events.txt")

func TestConversations(t *testing.T) {
	wiretest.Conversations(t, "gemini", geminilive.Connection)
}

func FuzzConnection(f *testing.F) {
	wiretest.FuzzConnection(f, "gemini", geminilive.Connection)
}

const path = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"

func connect(report wire.Report) wire.Connection {
	return geminilive.Connection(&wire.Target{Path: path, Query: url.Values{}}, report)
}

func audio(sent bool) wire.Message {
	payload := base64.StdEncoding.EncodeToString(make([]byte, 960))
	if sent {
		return wire.Message{Sent: true, Data: []byte(`{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"` + payload + `"}}}`)}
	}
	return wire.Message{Binary: true, Data: []byte(`{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"` + payload + `"}}]}}}`)}
}

func TestAudioAllocatesNothing(t *testing.T) {
	for name, message := range map[string]wire.Message{"sent": audio(true), "received": audio(false)} {
		c := connect(func(*wire.Event) {})
		c.Message(message)
		if n := wiretest.Allocs(100, func() { c.Message(message) }); n != 0 {
			t.Errorf("%s: %v allocations a message", name, n)
		}
	}
}

func BenchmarkAudio(b *testing.B) {
	for name, message := range map[string]wire.Message{"sent": audio(true), "received": audio(false)} {
		b.Run(name, func(b *testing.B) {
			c := connect(func(*wire.Event) {})
			b.ReportAllocs()
			for b.Loop() {
				c.Message(message)
			}
		})
	}
}

// What a message can be long of is not kept, except audio of the agent while its message is read.
func TestMemoryIsBounded(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 1<<18) // 4 MB.
	for _, tt := range []struct {
		name   string
		sent   bool
		before string
		after  string
	}{
		{"video", true, `{"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"`, `"}}}`},
		{"an image in a chunk", true, `{"realtimeInput":{"mediaChunks":[{"mimeType":"image/jpeg","data":"`, `"}]}}`},
		{"audio of the user", true, `{"realtimeInput":{"audio":{"data":"`, `"}}}`},
		{"a text turn", true, `{"clientContent":{"turns":[{"parts":[{"text":"`, `"}]}],"turnComplete":true}}`},
		{"an instruction", true, `{"setup":{"systemInstruction":{"parts":[{"text":"`, `"}]}}}`},
		{"a name of a model", true, `{"setup":{"model":"`, `"}}`},
		{"the result of a tool", true, `{"toolResponse":{"functionResponses":[{"id":"1","response":{"output":"`, `"}}]}}`},
		{"an ID of a call", false, `{"toolCall":{"functionCalls":[{"id":"`, `"}]}}`},
		{"arguments", false, `{"toolCall":{"functionCalls":[{"args":{"a":"`, `"}}]}}`},
		{"code", false, `{"serverContent":{"modelTurn":{"parts":[{"executableCode":{"code":"`, `"}}]}}}`},
		{"an error", false, `{"error":{"message":"`, `"}}`},
		{"calls", false, `{"toolCall":{"functionCalls":[` + strings.Repeat(`{"id":"1"},`, 1<<18), `{}]}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			message := []byte(tt.before + long + tt.after)
			if tt.name == "calls" {
				message = []byte(tt.before + tt.after)
			}
			c := geminilive.Connection(&wire.Target{Path: path, Query: url.Values{}, Content: true}, func(*wire.Event) {})
			c.Message(audio(true))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			c.Message(wire.Message{Sent: tt.sent, Data: message})
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 512<<10 {
				t.Errorf("4 MB allocate %d bytes", n)
			}
		})
	}
}

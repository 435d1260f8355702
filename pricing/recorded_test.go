// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package pricing_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
	"github.com/voice-agents/telemetry/internal/wire/vendors"
	"github.com/voice-agents/telemetry/pricing"
)

// tokenPrices are invented. Each kind of token has a price that shows in the sum how often it was charged.
func tokenPrices(tb testing.TB) *pricing.List {
	tb.Helper()
	return newList(tb,
		each("*", pricing.InputToken, "10"),
		each("*", pricing.CachedInputToken, "1"),
		each("*", pricing.CacheWriteToken, "12"),
		each("*", pricing.AudioInputToken, "100"),
		each("*", pricing.CachedAudioInputToken, "2"),
		each("*", pricing.OutputToken, "1000"),
		each("*", pricing.AudioOutputToken, "5000"))
}

var recordings = filepath.Join("..", "testdata", "wire")

// Each token of a provider's report is charged once. Anthropic's input tokens exclude the cached ones, those of the
// others include them.
func TestRecordedTokensAreChargedOnce(t *testing.T) {
	list := tokenPrices(t)
	for _, tt := range []struct{ recording, want string }{
		// input 25, read 1000, written 300; output 41: 25×10 + 1000×1 + 300×12 + 41×1000 = 250 + 1000 + 3600 + 41000
		{"anthropic/messages-stream", "45850 USD"},
		// input 40, read 1200; output 96: 40×10 + 1200×1 + 96×1000
		{"anthropic/messages-tools", "97600 USD"},
		// input 21; output 9: 21×10 + 9×1000
		{"anthropic/messages", "9210 USD"},
		// input 14, output 1 and then 7: 14×10 + 7×1000
		{"anthropic/vertex-stream", "7140 USD"},
		{"anthropic/bedrock-invoke", "7140 USD"},
		// input 1180, of which 1024 cached; output 9: 156×10 + 1024×1 + 9×1000 = 1560 + 1024 + 9000
		{"openai/chat-stream", "11584 USD"},
		// input 58, of which 32 cached; output 17: 26×10 + 32×1 + 17×1000
		{"openai/chat-stream-tool", "17292 USD"},
		// input 71; output 118, of which 64 reasoning: 71×10 + 118×1000
		{"openai/responses-plain", "118710 USD"},
		// input 20; output 44, of which 33 audio: 20×10 + 11×1000 + 33×5000 = 200 + 11000 + 165000
		{"openai/chat-audio", "176200 USD"},
		// input 14, of which 10 audio; output 11: 4×10 + 10×100 + 11×1000
		{"openai/transcription-json", "12040 USD"},
		// input 90, of which 64 cached; output 28: 26×10 + 64×1 + 28×1000
		{"gemini/generate-tools", "28324 USD"},
		// input 22; candidates 6 and thoughts 14: 22×10 + 20×1000
		{"gemini/stream-sse", "20220 USD"},
		// input 40, of which 32 audio; output 4: 8×10 + 32×100 + 4×1000
		{"gemini/vertex-stream-sse", "7280 USD"},
		// input 8; output 33, all of it audio: 8×10 + 33×5000
		{"gemini/stream-sse-speech", "165080 USD"},
		// input 130, of which 128 cached; output 55, of which 40 reasoning: 2×10 + 128×1 + 55×1000
		{"deepseek/chat-stream-reasoning", "55148 USD"},
		// input 38, of which 5 cached; completion 2 and reasoning 88: 33×10 + 5×1 + 90×1000
		{"x_ai/chat-stream", "90335 USD"},
		// input 215, of which 208 cached; output 14: 7×10 + 208×1 + 14×1000
		{"cohere/chat", "14278 USD"},
	} {
		t.Run(tt.recording, func(t *testing.T) {
			x := wiretest.Read(t, filepath.Join(recordings, filepath.FromSlash(tt.recording)))
			var usage llmreport.Usage
			d := vendors.New(x.Target(), func(e *wire.Event) {
				if e.Kind == wire.Used {
					usage = usage.Merged(e.Usage)
				}
			})
			d.Sent(x.RequestBody)
			d.SentAll()
			d.Answered(x.Response.StatusCode, x.Response.Header)
			d.Received(x.ResponseBody)
			d.ReceivedAll()
			cost, err := list.Cost(&pricing.Call{Provider: acme, Usage: pricing.Usage{Tokens: pricing.Tokens(usage)}})
			if err != nil || cost.String() != tt.want {
				t.Errorf("%+v costs %s, %v, want %s", usage, cost, err, tt.want)
			}
		})
	}
}

// A speech-to-speech model reports tokens by modality, and which of them were cached.
func TestRecordedRealtimeTokensAreChargedOnce(t *testing.T) {
	list := tokenPrices(t)
	text, err := os.ReadFile(filepath.Join(recordings, "openai", "realtime", "messages.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, `"type":"response.done"`) {
			continue
		}
		usage, ok := llmreport.OpenAI(strings.TrimPrefix(line, "< "))
		if !ok || usage == (llmreport.Usage{}) {
			continue
		}
		cost, err := list.Cost(&pricing.Call{Provider: acme, Usage: pricing.Usage{Tokens: pricing.Tokens(usage)}})
		if err != nil {
			t.Errorf("%+v: %v", usage, err)
		}
		got = append(got, cost.String())
	}
	want := []string{
		// input 60 text and 50 audio; output 20 text: 60×10 + 50×100 + 20×1000 = 600 + 5000 + 20000
		"25600 USD",
		// input 119 text, of which 64 cached, and 13 audio; output 30 text and 91 audio:
		// 55×10 + 64×1 + 13×100 + 30×1000 + 91×5000 = 550 + 64 + 1300 + 30000 + 455000
		"486914 USD",
	}
	if len(got) < len(want) || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %q, want %q first", got, want)
	}
}

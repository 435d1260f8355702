// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/pricing"
)

// tokenPrices has a price of 1 USD for each kind of token of a model for chats and of one for speech.
func tokenPrices(tb testing.TB) voicesdk.Option {
	tb.Helper()
	var prices []pricing.Price
	for _, model := range []otelvoice.Model{chatter, liver} {
		for _, unit := range pricing.Units() {
			if strings.HasSuffix(string(unit), "_token") {
				prices = append(prices, pricing.Price{Provider: model.Provider, Model: model.Name, Unit: unit, Price: "1", Currency: "USD"})
			}
		}
	}
	list, err := pricing.New(prices...)
	if err != nil {
		tb.Fatal(err)
	}
	return voicesdk.WithInstrumentation(otelvoice.WithPrices(list))
}

// What a request cost is unknown if its tokens contradict each other, whatever is left of them, and so is what its
// turn and its session cost.
func TestContradictoryTokensHaveNoCost(t *testing.T) {
	const known = "5 USD"
	for _, tt := range []struct {
		name  string
		usage []otelvoice.Usage
		want  string // "-" is unknown.
	}{
		{"none", []otelvoice.Usage{{InputTokens: 3, OutputTokens: 2, CacheReadInputTokens: 2, ReasoningOutputTokens: 1, AudioOutputTokens: 1}}, known},
		{"more read from the cache than input", []otelvoice.Usage{{InputTokens: 10, OutputTokens: 5, CacheReadInputTokens: 50}}, "-"},
		{"more written to the cache than input", []otelvoice.Usage{{InputTokens: 10, OutputTokens: 5, CacheWriteInputTokens: 50}}, "-"},
		{"more cache than input", []otelvoice.Usage{{InputTokens: 10, OutputTokens: 5, CacheReadInputTokens: 6, CacheWriteInputTokens: 6}}, "-"},
		{"more audio than input", []otelvoice.Usage{{InputTokens: 10, OutputTokens: 5, AudioInputTokens: 50}}, "-"},
		{"more cached audio than cache", []otelvoice.Usage{{InputTokens: 10, OutputTokens: 5, AudioInputTokens: 5, AudioCacheReadInputTokens: 5}}, "-"},
		{"more reasoning than output", []otelvoice.Usage{{InputTokens: 10, OutputTokens: 5, ReasoningOutputTokens: 50}}, "-"},
		{"more audio than output", []otelvoice.Usage{{InputTokens: 10, OutputTokens: 5, AudioOutputTokens: 50}}, "-"},
		{"more reasoning and audio than output", []otelvoice.Usage{{InputTokens: 10, OutputTokens: 5, ReasoningOutputTokens: 3, AudioOutputTokens: 3}}, "-"},
		{"a negative part", []otelvoice.Usage{{InputTokens: 10, OutputTokens: 5, CacheReadInputTokens: -1}}, "-"},
		{"an absurd part", []otelvoice.Usage{{InputTokens: 10, OutputTokens: 5, ReasoningOutputTokens: math.MaxInt}}, "-"},
		{"a negative total", []otelvoice.Usage{{InputTokens: -10, OutputTokens: 5}}, "-"},
		{"an absurd total", []otelvoice.Usage{{InputTokens: math.MaxInt, OutputTokens: math.MaxInt}}, "-"},
		{"in two reports", []otelvoice.Usage{{InputTokens: 10, CacheReadInputTokens: 50}, {OutputTokens: 5}}, "-"},
		{"that a later report settles", []otelvoice.Usage{{InputTokens: 1, CacheReadInputTokens: 2}, {InputTokens: 3, OutputTokens: 2}}, known},
		{"a negative count that a later report settles", []otelvoice.Usage{{InputTokens: 3, OutputTokens: -1}, {OutputTokens: 2}}, known},
		{"OpenAI", []otelvoice.Usage{otelvoice.UsageOpenAI(`{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":50}}`)}, "-"},
		{"Anthropic", []otelvoice.Usage{otelvoice.UsageAnthropic(`{"input_tokens":10,"output_tokens":5,"cache_read_input_tokens":-50}`)}, "-"},
		{"Gemini", []otelvoice.Usage{otelvoice.UsageGemini(`{"promptTokenCount":10,"candidatesTokenCount":5,"cachedContentTokenCount":50}`)}, "-"},
	} {
		for kind, start := range map[string]func(context.Context, *otelvoice.Turn) tokenUser{
			"chat": func(ctx context.Context, turn *otelvoice.Turn) tokenUser {
				_, llm := turn.StartLLM(ctx, chatter)
				return llm
			},
			"realtime_inference": func(ctx context.Context, turn *otelvoice.Turn) tokenUser {
				_, live := turn.StartRealtime(ctx, liver)
				return live
			},
		} {
			t.Run(tt.name+", "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					tel, rec := voicetest.Setup(t, tokenPrices(t))
					ctx, session := tel.StartSession(t.Context())
					ctx, turn := session.StartTurn(ctx)
					of := start(ctx, turn)
					for _, u := range tt.usage {
						of.SetUsage(u)
					}
					of.End(nil)
					turn.End()
					session.End()
					if got, want := costs(rec), kind+" "+tt.want+"\nturn "+tt.want+"\nsession "+tt.want; got != want {
						t.Errorf("got\n%s\nwant\n%s", got, want)
					}
					if got := points(rec, "voice.cost"); (got == "") != (tt.want == "-") {
						t.Errorf("counted %q", got)
					}
					lines, err := rec.Lines()
					if err != nil {
						t.Fatal(err)
					}
					warned := false
					for _, line := range lines {
						text, _ := line["message"].(string)
						warned = warned || strings.HasPrefix(text, "voice.cost is unknown")
					}
					if warned != (tt.want == "-") {
						t.Errorf("a warning: %t", warned)
					}
				})
			})
		}
	}
}

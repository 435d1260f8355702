// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package pricing_test

import (
	"errors"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/pricing"
)

// All providers, models and prices are invented.
const acme = "acme"

var (
	newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	july    = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	may     = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
)

// perMillion returns a price in USD for a million units.
func perMillion(model string, unit pricing.Unit, price string) pricing.Price {
	return pricing.Price{Provider: acme, Model: model, Unit: unit, Price: price, Per: 1_000_000, Currency: "USD"}
}

// each returns a price in USD for one unit.
func each(model string, unit pricing.Unit, price string) pricing.Price {
	return pricing.Price{Provider: acme, Model: model, Unit: unit, Price: price, Currency: "USD"}
}

func rounded(p pricing.Price, roundUp, minimum time.Duration) pricing.Price {
	p.RoundUp, p.Minimum = roundUp, minimum
	return p
}

func newList(tb testing.TB, prices ...pricing.Price) *pricing.List {
	tb.Helper()
	list, err := pricing.New(prices...)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func TestCost(t *testing.T) {
	list := newList(t,
		perMillion("chat", pricing.InputToken, "0.40"),
		perMillion("chat", pricing.CachedInputToken, "0.10"),
		perMillion("chat", pricing.CacheWriteToken, "0.50"),
		perMillion("chat", pricing.OutputToken, "1.60"),
		perMillion("bare", pricing.InputToken, "0.40"),
		perMillion("bare", pricing.OutputToken, "1.60"),
		perMillion("thinker", pricing.InputToken, "1"),
		perMillion("thinker", pricing.OutputToken, "4"),
		perMillion("thinker", pricing.ReasoningToken, "3"),
		perMillion("live", pricing.InputToken, "4"),
		perMillion("live", pricing.CachedInputToken, "0.40"),
		perMillion("live", pricing.AudioInputToken, "32"),
		perMillion("live", pricing.CachedAudioInputToken, "0.50"),
		perMillion("live", pricing.OutputToken, "16"),
		perMillion("live", pricing.AudioOutputToken, "64"),
		each("hear", pricing.InputAudioMinute, "0.006"),
		rounded(each("hear-15s", pricing.InputAudioMinute, "0.024"), 15*time.Second, 0),
		rounded(each("hear-least", pricing.InputAudioSecond, "0.0001"), time.Second, 10*time.Second),
		perMillion("say", pricing.Character, "15"),
		each("say-and-ask", pricing.Character, "0.0001"),
		each("say-and-ask", pricing.Request, "0.002"),
		each("speak", pricing.OutputAudioHour, "3.60"),
		each("free", pricing.InputToken, "0"),
		each("free", pricing.OutputToken, "0"),
		each("half", pricing.Request, "0.0000000005"),
		each("third", pricing.InputAudioHour, "0.001"),
		each("dear", pricing.InputToken, "9000000000"),
		each("dear", pricing.OutputToken, "1"),
	)
	for _, tt := range []struct {
		name  string
		model string
		usage pricing.Usage
		want  string // "" is unknown.
		unit  pricing.Unit
	}{
		// 1,000 × 0.40/10⁶ + 100 × 1.60/10⁶ = 0.0004 + 0.00016
		{"input and output", "chat", pricing.Usage{Tokens: pricing.Tokens{InputTokens: 1000, OutputTokens: 100}}, "0.00056 USD", ""},
		// Of 1,000 tokens 600 are cached: 400 × 0.40/10⁶ + 600 × 0.10/10⁶ + 100 × 1.60/10⁶ = 0.00016 + 0.00006 + 0.00016
		{"cached tokens once", "chat", pricing.Usage{Tokens: pricing.Tokens{InputTokens: 1000, CacheReadInputTokens: 600, OutputTokens: 100}}, "0.00038 USD", ""},
		// Of 1,000 tokens 600 are cached and 300 written: 100 × 0.40 + 600 × 0.10 + 300 × 0.50 + 100 × 1.60 = 410, /10⁶
		{"written tokens once", "chat", pricing.Usage{Tokens: pricing.Tokens{InputTokens: 1000, CacheReadInputTokens: 600, CacheWriteInputTokens: 300, OutputTokens: 100}}, "0.00041 USD", ""},
		// All 1,000 are cached: 1,000 × 0.10/10⁶ + 10 × 1.60/10⁶ = 0.0001 + 0.000016
		{"all cached", "chat", pricing.Usage{Tokens: pricing.Tokens{InputTokens: 1000, CacheReadInputTokens: 1000, OutputTokens: 10}}, "0.000116 USD", ""},
		// Reasoning is a part of the 100: 1,000 × 0.40/10⁶ + 100 × 1.60/10⁶
		{"reasoning as output", "chat", pricing.Usage{Tokens: pricing.Tokens{InputTokens: 1000, OutputTokens: 100, ReasoningOutputTokens: 80}}, "0.00056 USD", ""},
		// 10 × 1/10⁶ + 20 × 4/10⁶ + 80 × 3/10⁶ = 0.00001 + 0.00008 + 0.00024
		{"reasoning apart", "thinker", pricing.Usage{Tokens: pricing.Tokens{InputTokens: 10, OutputTokens: 100, ReasoningOutputTokens: 80}}, "0.00033 USD", ""},
		// Input 132: 13 of audio of which 5 cached, 64 of text cached, 55 other. Output 121: 91 of audio, 30 other.
		// 55×4 + 64×0.40 + 8×32 + 5×0.50 + 30×16 + 91×64 = 220 + 25.6 + 256 + 2.5 + 480 + 5,824 = 6,808.1, /10⁶
		{"by modality", "live", pricing.Usage{Tokens: pricing.Tokens{
			InputTokens: 132, CacheReadInputTokens: 69, AudioInputTokens: 13, AudioCacheReadInputTokens: 5, OutputTokens: 121, AudioOutputTokens: 91,
		}}, "0.0068081 USD", ""},
		// 90 s = 1.5 min × 0.006
		{"minutes", "hear", pricing.Usage{InputAudio: 90 * time.Second}, "0.009 USD", ""},
		// 1.92 s = 0.032 min × 0.006
		{"a part of a minute", "hear", pricing.Usage{InputAudio: 1920 * time.Millisecond}, "0.000192 USD", ""},
		// 16 s are 30 s = 0.5 min × 0.024
		{"each started 15 s", "hear-15s", pricing.Usage{InputAudio: 16 * time.Second}, "0.012 USD", ""},
		// 15 s are 15 s = 0.25 min × 0.024
		{"exactly 15 s", "hear-15s", pricing.Usage{InputAudio: 15 * time.Second}, "0.006 USD", ""},
		// 2.4 s are 10 s × 0.0001
		{"the least duration", "hear-least", pricing.Usage{InputAudio: 2400 * time.Millisecond}, "0.001 USD", ""},
		// 10.2 s are 11 s × 0.0001
		{"above the least duration", "hear-least", pricing.Usage{InputAudio: 10200 * time.Millisecond}, "0.0011 USD", ""},
		// 16 × 15/10⁶
		{"characters", "say", pricing.Usage{Characters: 16, OutputAudio: time.Second}, "0.00024 USD", ""},
		// 16 × 0.0001 + 1 × 0.002
		{"characters and a request", "say-and-ask", pricing.Usage{Characters: 16, Requests: 1}, "0.0036 USD", ""},
		// 2.5 s × 3.60/3,600 s
		{"an hour of output", "speak", pricing.Usage{OutputAudio: 2500 * time.Millisecond}, "0.0025 USD", ""},
		{"a price of 0", "free", pricing.Usage{Tokens: pricing.Tokens{InputTokens: 10, OutputTokens: 1}}, "0 USD", ""},
		// Half a billionth is rounded up.
		{"half up", "half", pricing.Usage{Requests: 1}, "0.000000001 USD", ""},
		// 1 s × 0.001/3,600 s = 277.7… billionths
		{"an endless fraction", "third", pricing.Usage{InputAudio: time.Second}, "0.000000278 USD", ""},

		{"an unknown model", "other", pricing.Usage{Requests: 1}, "", ""},
		{"no price for cached tokens", "bare", pricing.Usage{Tokens: pricing.Tokens{InputTokens: 1000, CacheReadInputTokens: 600, OutputTokens: 100}}, "", pricing.CachedInputToken},
		{"no price for audio tokens", "chat", pricing.Usage{Tokens: pricing.Tokens{InputTokens: 1000, AudioInputTokens: 1, OutputTokens: 100}}, "", pricing.AudioInputToken},
		{"no price for audio output", "chat", pricing.Usage{Tokens: pricing.Tokens{InputTokens: 1000, OutputTokens: 100, AudioOutputTokens: 1}}, "", pricing.AudioOutputToken},
		{"output not measured", "chat", pricing.Usage{Tokens: pricing.Tokens{InputTokens: 1000}}, "", pricing.OutputToken},
		{"input not measured", "chat", pricing.Usage{Tokens: pricing.Tokens{OutputTokens: 1000}}, "", pricing.InputToken},
		{"nothing measured", "chat", pricing.Usage{Requests: 1}, "", pricing.InputToken},
		{"audio not measured", "hear", pricing.Usage{Requests: 1}, "", pricing.InputAudioSecond},
		{"characters not measured", "say", pricing.Usage{OutputAudio: time.Second, Requests: 1}, "", pricing.Character},
		{"a part greater than its total", "chat", pricing.Usage{Tokens: pricing.Tokens{InputTokens: 10, CacheReadInputTokens: 20, OutputTokens: 1}}, "", pricing.InputToken},
		{"more reasoning than output", "chat", pricing.Usage{Tokens: pricing.Tokens{InputTokens: 10, OutputTokens: 5, ReasoningOutputTokens: 50}}, "", pricing.InputToken},
		{"more reasoning than output, apart", "thinker", pricing.Usage{Tokens: pricing.Tokens{InputTokens: 10, OutputTokens: 5, ReasoningOutputTokens: 50}}, "", pricing.InputToken},
		{"more audio than input", "live", pricing.Usage{Tokens: pricing.Tokens{InputTokens: 10, AudioInputTokens: 20, OutputTokens: 1}}, "", pricing.InputToken},
		{"reasoning and audio above the output", "live", pricing.Usage{Tokens: pricing.Tokens{InputTokens: 10, OutputTokens: 10, ReasoningOutputTokens: 6, AudioOutputTokens: 6}}, "", pricing.InputToken},
		{"a negative part", "chat", pricing.Usage{Tokens: pricing.Tokens{InputTokens: 10, CacheReadInputTokens: -1, OutputTokens: 1}}, "", pricing.InputToken},
		{"a negative count", "say", pricing.Usage{Characters: -5}, "", pricing.Character},
		{"more money than there is", "dear", pricing.Usage{Tokens: pricing.Tokens{InputTokens: math.MaxInt32, OutputTokens: 1}}, "", pricing.InputToken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cost, err := list.Cost(&pricing.Call{Provider: acme, Model: tt.model, Time: may, Usage: tt.usage})
			if tt.want != "" {
				if err != nil || cost.String() != tt.want {
					t.Errorf("got %s, %v, want %s", cost, err, tt.want)
				}
				return
			}
			var unknown *pricing.UnknownError
			if !errors.As(err, &unknown) || unknown.Unit != tt.unit || unknown.Model != tt.model {
				t.Errorf("got %s, %v, want no cost because of %q", cost, err, tt.unit)
			}
		})
	}
}

// A million requests of a third of a billionth's price cost as much as each one does a million times.
func TestSumsDoNotDrift(t *testing.T) {
	list := newList(t, perMillion("chat", pricing.InputToken, "0.1"), perMillion("chat", pricing.OutputToken, "0.1"))
	var sum pricing.Amount
	var drifting float64
	for range 1_000_000 {
		// 7 × 0.1/10⁶ + 7 × 0.1/10⁶ = 0.0000014
		cost, err := list.Cost(&pricing.Call{Provider: acme, Model: "chat", Usage: pricing.Usage{Tokens: pricing.Tokens{InputTokens: 7, OutputTokens: 7}}})
		if err != nil {
			t.Fatal(err)
		}
		sum += cost.Amount
		drifting += cost.Amount.Float64()
	}
	if sum.String() != "1.4" {
		t.Errorf("the sum is %s (as float64 %v), want 1.4", sum, drifting)
	}
}

func TestAmountString(t *testing.T) {
	for amount, want := range map[pricing.Amount]string{
		0: "0", 1: "0.000000001", pricing.One: "1", -pricing.One / 2: "-0.5", 12*pricing.One + 340_000_000: "12.34",
		math.MaxInt64: "9223372036.854775807", math.MinInt64: "-9223372036.854775808",
	} {
		if got := amount.String(); got != want {
			t.Errorf("%d is %q, want %q", int64(amount), got, want)
		}
	}
}

func TestNilListHasNoPrices(t *testing.T) {
	var list *pricing.List
	if cost, err := list.Cost(&pricing.Call{Provider: acme, Model: "chat"}); err == nil {
		t.Errorf("got %s", cost)
	}
}

func TestListIsSafeForConcurrentUse(t *testing.T) {
	list := newList(t, each("m*", pricing.Request, "1"))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if _, err := list.Cost(&pricing.Call{Provider: acme, Model: "m1", Usage: pricing.Usage{Requests: 1}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkCost(b *testing.B) {
	list := newList(b,
		perMillion("chat-*", pricing.InputToken, "0.40"), perMillion("chat-*", pricing.CachedInputToken, "0.10"),
		perMillion("chat-*", pricing.OutputToken, "1.60"))
	call := pricing.Call{Provider: acme, Model: "chat-mini", ResponseModel: "chat-mini-2026", Time: may, Usage: pricing.Usage{
		Tokens: pricing.Tokens{InputTokens: 1000, CacheReadInputTokens: 600, OutputTokens: 100}, Requests: 1,
	}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := list.Cost(&call); err != nil {
			b.Fatal(err)
		}
	}
}

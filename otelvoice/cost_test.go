// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/pricing"
	"github.com/voice-agents/telemetry/semconv"
)

// The models and their prices are invented.
var (
	hearer  = otelvoice.Model{Provider: "acme", Name: "hear"}
	chatter = otelvoice.Model{Provider: "acme", Name: "chat"}
	speaker = otelvoice.Model{Provider: "acme", Name: "say"}
	liver   = otelvoice.Model{Provider: "acme", Name: "live"}
	foreign = otelvoice.Model{Provider: "umbrella", Name: "parler"}
	own     = otelvoice.Model{Provider: "self", Name: "whisper"}
)

func inventedPrices(tb testing.TB) *pricing.List {
	tb.Helper()
	price := func(model otelvoice.Model, unit pricing.Unit, price, currency string) pricing.Price {
		return pricing.Price{Provider: model.Provider, Model: model.Name, Unit: unit, Price: price, Currency: currency}
	}
	list, err := pricing.New(
		price(hearer, pricing.InputAudioSecond, "0.01", "USD"),
		price(chatter, pricing.InputToken, "0.01", "USD"),
		price(chatter, pricing.CachedInputToken, "0.001", "USD"),
		price(chatter, pricing.OutputToken, "0.04", "USD"),
		price(speaker, pricing.Character, "0.005", "USD"),
		price(liver, pricing.InputToken, "0.01", "USD"),
		price(liver, pricing.CachedInputToken, "0.001", "USD"),
		price(liver, pricing.AudioInputToken, "0.1", "USD"),
		price(liver, pricing.OutputToken, "0.04", "USD"),
		price(liver, pricing.AudioOutputToken, "0.2", "USD"),
		price(foreign, pricing.Character, "0.003", "EUR"),
		price(own, pricing.Request, "0", "USD"),
	)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func withPrices(tb testing.TB) voicesdk.Option {
	tb.Helper()
	return voicesdk.WithInstrumentation(otelvoice.WithPrices(inventedPrices(tb)), otelvoice.WithPrices(nil))
}

// costs returns the cost of each span in the order of their ends: "chat 0.96 USD", or "chat -" without a cost.
func costs(rec *voicetest.Recorder) string {
	var out []string
	for _, s := range rec.Spans() {
		name, _, _ := strings.Cut(strings.TrimPrefix(s.Name(), "voice."), " ")
		cost := "-"
		if v, ok := spanAttribute(s, semconv.VoiceCostKey); ok {
			currency, _ := spanAttribute(s, semconv.VoiceCostCurrencyKey)
			cost = fmt.Sprintf("%g %s", v.AsFloat64(), currency.AsString())
		}
		out = append(out, name+" "+cost)
	}
	return strings.Join(out, "\n")
}

func chat(ctx context.Context, turn *otelvoice.Turn, usage otelvoice.Usage, err error) *otelvoice.LLM {
	_, llm := turn.StartLLM(ctx, chatter)
	llm.SetUsage(usage)
	llm.End(err)
	return llm
}

func say(ctx context.Context, turn *otelvoice.Turn, model otelvoice.Model, text string) {
	_, tts := turn.StartTTS(ctx, model)
	tts.AddText(text)
	tts.FirstByte()
	tts.End(nil)
}

// used is 80 × 0.01 + 4 × 0.04 = 0.96.
var used = otelvoice.Usage{InputTokens: 80, OutputTokens: 4}

func TestCosts(t *testing.T) {
	const text = "We open at nine." // 16 characters, 16 × 0.005 = 0.08.
	const late = "a stage after its turn"
	errDown := errors.New("down")
	for _, tt := range []struct {
		name string
		call func(ctx context.Context, session *otelvoice.Session)
		want []string // The costs of the spans.
		sum  string   // The metric, without what all points have.
	}{
		{"a turn", func(ctx context.Context, session *otelvoice.Session) {
			ctx, turn := session.StartTurn(ctx)
			_, stt := turn.StartSTT(ctx, hearer)
			stt.SetAudioDuration(2 * time.Second)
			stt.Final()
			stt.End(nil)
			chat(ctx, turn, used, nil)
			say(ctx, turn, speaker, text)
			turn.End()
		}, []string{
			"speech_to_text 0.02 USD", // 2 × 0.01
			"chat 0.96 USD", "text_to_speech 0.08 USD",
			"turn 1.06 USD", // 0.02 + 0.96 + 0.08
			"session 1.06 USD",
		}, "chat llm 0.960, hear stt 0.020, say tts 0.080"},
		{"cached tokens", func(ctx context.Context, session *otelvoice.Session) {
			ctx, turn := session.StartTurn(ctx)
			chat(ctx, turn, otelvoice.Usage{InputTokens: 100, CacheReadInputTokens: 60, OutputTokens: 10, ReasoningOutputTokens: 8}, nil)
			turn.End()
		}, []string{
			"chat 0.86 USD", // 40 × 0.01 + 60 × 0.001 + 10 × 0.04 = 0.4 + 0.06 + 0.4
			"turn 0.86 USD", "session 0.86 USD",
		}, "chat llm 0.860"},
		{"a tool between two requests, and two turns", func(ctx context.Context, session *otelvoice.Session) {
			tctx, turn := session.StartTurn(ctx)
			chat(tctx, turn, used, nil)
			_, tool := turn.StartTool(tctx, "book")
			tool.End(nil)
			chat(tctx, turn, otelvoice.Usage{InputTokens: 100, OutputTokens: 10}, nil)
			turn.End()
			tctx, turn = session.StartTurn(ctx)
			say(tctx, turn, speaker, text)
			turn.End()
		}, []string{
			"chat 0.96 USD", "execute_tool -",
			"chat 1.4 USD",            // 100 × 0.01 + 10 × 0.04
			"turn 2.36 USD",           // 0.96 + 1.4
			"text_to_speech 0.08 USD", // 16 × 0.005
			"turn 0.08 USD",
			"session 2.44 USD", // 2.36 + 0.08
		}, "chat llm 2.360, say tts 0.080"},
		{"an interrupted request with its usage", func(ctx context.Context, session *otelvoice.Session) {
			ctx, turn := session.StartTurn(ctx)
			_, llm := turn.StartLLM(ctx, chatter)
			llm.SetUsage(used)
			_, tts := turn.StartTTS(ctx, speaker)
			tts.AddText(text)
			turn.Interrupt(otelvoice.AudioActivity)
			llm.End(nil)
			tts.End(context.Canceled)
			turn.End()
		}, []string{"chat 0.96 USD", "text_to_speech 0.08 USD", "turn 1.04 USD", "session 1.04 USD"}, "chat llm 0.960, say tts 0.080"},
		{"a request that is refused and sent again", func(ctx context.Context, session *otelvoice.Session) {
			ctx, turn := session.StartTurn(ctx)
			chat(ctx, turn, otelvoice.Usage{}, errDown)
			chat(ctx, turn, used, nil)
			_, tts := turn.StartTTS(ctx, speaker)
			tts.AddText(text)
			tts.End(errDown)
			say(ctx, turn, speaker, text)
			turn.End()
		}, []string{
			"chat -", "chat 0.96 USD", "text_to_speech -", "text_to_speech 0.08 USD",
			"turn 1.04 USD", "session 1.04 USD", // 0.96 + 0.08
		}, "chat llm 0.960, say tts 0.080"},
		{"a request that fails after the usage", func(ctx context.Context, session *otelvoice.Session) {
			ctx, turn := session.StartTurn(ctx)
			chat(ctx, turn, used, errDown)
			turn.End()
		}, []string{"chat 0.96 USD", "turn 0.96 USD", "session 0.96 USD"}, "chat llm 0.960"},
		{"a request that fails in the middle, without usage", func(ctx context.Context, session *otelvoice.Session) {
			ctx, turn := session.StartTurn(ctx)
			_, llm := turn.StartLLM(ctx, chatter)
			llm.FirstToken()
			llm.End(errDown)
			turn.End()
		}, []string{"chat -", "turn -", "session -"}, ""},
		{"a model without a price", func(ctx context.Context, session *otelvoice.Session) {
			tctx, turn := session.StartTurn(ctx)
			chat(tctx, turn, used, nil)
			say(tctx, turn, sonic3, text)
			turn.End()
			tctx, turn = session.StartTurn(ctx)
			chat(tctx, turn, used, nil)
			turn.End()
		}, []string{"chat 0.96 USD", "text_to_speech -", "turn -", "chat 0.96 USD", "turn 0.96 USD", "session -"}, "chat llm 1.920"},
		{"audio tokens without a price", func(ctx context.Context, session *otelvoice.Session) {
			ctx, turn := session.StartTurn(ctx)
			chat(ctx, turn, otelvoice.Usage{InputTokens: 80, AudioInputTokens: 5, OutputTokens: 4}, nil)
			turn.End()
		}, []string{"chat -", "turn -", "session -"}, ""},
		{"a request without usage", func(ctx context.Context, session *otelvoice.Session) {
			ctx, turn := session.StartTurn(ctx)
			chat(ctx, turn, otelvoice.Usage{}, nil)
			turn.End()
		}, []string{"chat -", "turn -", "session -"}, ""},
		{"a price of 0", func(ctx context.Context, session *otelvoice.Session) {
			ctx, turn := session.StartTurn(ctx)
			_, stt := turn.StartSTT(ctx, own)
			stt.End(nil)
			turn.End()
		}, []string{"speech_to_text 0 USD", "turn 0 USD", "session 0 USD"}, "whisper stt 0.000"},
		{"two currencies", func(ctx context.Context, session *otelvoice.Session) {
			tctx, turn := session.StartTurn(ctx)
			chat(tctx, turn, used, nil)
			say(tctx, turn, foreign, text)
			turn.End()
			tctx, turn = session.StartTurn(ctx)
			say(tctx, turn, foreign, text)
			turn.End()
		}, []string{
			"chat 0.96 USD",
			"text_to_speech 0.048 EUR", // 16 × 0.003
			"turn -",
			"text_to_speech 0.048 EUR", "turn 0.048 EUR",
			"session -",
		}, "chat llm 0.960, parler tts 0.096 EUR"},
		{"a turn without stages", func(ctx context.Context, session *otelvoice.Session) {
			_, turn := session.StartTurn(ctx)
			turn.End()
		}, []string{"turn -", "session -"}, ""},
		{"a name of one's own for a deployment", func(ctx context.Context, session *otelvoice.Session) {
			ctx, turn := session.StartTurn(ctx)
			_, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "acme", Name: "our-eu-deployment"})
			llm.SetResponse("r1", "chat")
			llm.SetUsage(used)
			llm.End(nil)
			turn.End()
		}, []string{"chat 0.96 USD", "turn 0.96 USD", "session 0.96 USD"}, "our-eu-deployment llm 0.960"},
		{"speech to speech", func(ctx context.Context, session *otelvoice.Session) {
			ctx, turn := session.StartTurn(ctx)
			_, live := turn.StartRealtime(ctx, liver)
			live.SetUsage(otelvoice.Usage{InputTokens: 132, CacheReadInputTokens: 64, AudioInputTokens: 13, OutputTokens: 121, AudioOutputTokens: 91})
			live.End(nil)
			turn.End()
		}, []string{
			// Text 119, of which 64 cached, audio 13; text 30, audio 91:
			// 55 × 0.01 + 64 × 0.001 + 13 × 0.1 + 30 × 0.04 + 91 × 0.2 = 0.55 + 0.064 + 1.3 + 1.2 + 18.2
			"realtime_inference 21.314 USD", "turn 21.314 USD", "session 21.314 USD",
		}, "live realtime 21.314"},
		{late, func(ctx context.Context, session *otelvoice.Session) {
			tctx, turn := session.StartTurn(ctx)
			chat(tctx, turn, used, nil)
			turn.End()
			say(tctx, turn, speaker, text)
		}, []string{
			"chat 0.96 USD", "turn 0.96 USD", "text_to_speech 0.08 USD",
			"session 1.04 USD", // 0.96 + 0.08
		}, "chat llm 0.960, say tts 0.080"},
		{"usage after the turn, in time for the session", func(ctx context.Context, session *otelvoice.Session) {
			ctx, turn := session.StartTurn(ctx)
			llm := chat(ctx, turn, otelvoice.Usage{InputTokens: 80}, context.Canceled)
			turn.End()
			llm.SetUsage(used)
			llm.SetUsage(used)
		}, []string{"chat -", "turn -", "session 0.96 USD"}, "chat llm 0.960"},
		{"more usage after the turn", func(ctx context.Context, session *otelvoice.Session) {
			ctx, turn := session.StartTurn(ctx)
			llm := chat(ctx, turn, otelvoice.Usage{InputTokens: 80, OutputTokens: 1}, nil) // 0.8 + 0.04
			turn.End()
			llm.SetUsage(used)
		}, []string{"chat 0.84 USD", "turn 0.84 USD", "session 0.96 USD"}, "chat llm 0.960"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t, withPrices(t))
				ctx, session := tel.StartSession(t.Context())
				tt.call(ctx, session)
				session.End()
				if got, want := costs(rec), strings.Join(tt.want, "\n"); got != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
				if got := counted(rec); got != tt.sum {
					t.Errorf("counted %q, want %q", got, tt.sum)
				}
				if tt.name != late { // Check reports it.
					voicetest.Check(t, rec)
				}
			})
		})
	}
}

// counted returns the points of the metric: "chat llm 0.960".
func counted(rec *voicetest.Recorder) string {
	var out []string
	for line := range strings.Lines(points(rec, "voice.cost")) {
		fields := make(map[string]string)
		var amount string
		for word := range strings.FieldsSeq(line) {
			key, value, ok := strings.Cut(word, "=")
			if fields[key] = value; !ok {
				amount = word
			}
		}
		text := fields["gen_ai.request.model"] + " " + fields["voice.stage"] + " " + amount
		if currency := fields["voice.cost.currency"]; currency != "USD" {
			text += " " + currency
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

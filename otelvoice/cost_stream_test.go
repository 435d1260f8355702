// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/internal/wire/llmreport"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/pricing"
)

// A stream of 0.01 USD for a second is charged once, and its utterances are not.
func TestCostsOfStreams(t *testing.T) {
	const second = time.Second
	utter := func(ctx context.Context, session *otelvoice.Session, stream *otelvoice.STTStream) {
		ctx, turn := session.StartTurn(ctx)
		_, stt := stream.Utterance(ctx, turn)
		stt.SetAudioDuration(2 * second)
		stt.Final()
		stt.End(nil)
		chat(ctx, turn, used, nil)
		turn.End()
	}
	for _, tt := range []struct {
		name string
		call func(ctx context.Context, session *otelvoice.Session, stream *otelvoice.STTStream)
		want []string
		sum  string
	}{
		{"by the audio that was sent", func(ctx context.Context, session *otelvoice.Session, stream *otelvoice.STTStream) {
			stream.AddFrame(12*second, time.Time{})
			utter(ctx, session, stream)
			utter(ctx, session, stream)
			stream.End(nil)
		}, []string{
			"speech_to_text -", "chat 0.96 USD", "turn 0.96 USD",
			"speech_to_text -", "chat 0.96 USD", "turn 0.96 USD",
			"speech_to_text_stream 0.12 USD", // 12 × 0.01
			"session 2.04 USD",               // 0.96 + 0.96 + 0.12
		}, "chat llm 1.920, hear stt 0.120"},
		{"by the audio that is billed", func(_ context.Context, _ *otelvoice.Session, stream *otelvoice.STTStream) {
			stream.AddFrame(12*second, time.Time{})
			stream.SetBilled(15 * second)
			stream.End(nil)
		}, []string{"speech_to_text_stream 0.15 USD", "session 0.15 USD"}, "hear stt 0.150"},
		{"each connection by what is known of it", func(_ context.Context, _ *otelvoice.Session, stream *otelvoice.STTStream) {
			stream.Connected()
			stream.AddFrame(10*second, time.Time{}) // Lost before the provider's report.
			stream.Reconnecting(errors.New("lost"))
			stream.Reconnected()
			stream.AddFrame(5*second, time.Time{})
			stream.SetBilled(6 * second)
			stream.Reconnected()
			stream.SetBilled(4 * second)
			stream.End(nil)
		}, []string{
			"speech_to_text_stream 0.2 USD", // (10 + 6 + 4) × 0.01
			"session 0.2 USD",
		}, "hear stt 0.200"},
		{"billed after the end", func(_ context.Context, _ *otelvoice.Session, stream *otelvoice.STTStream) {
			stream.AddFrame(12*second, time.Time{})
			stream.End(nil)
			stream.SetBilled(15 * second)
		}, []string{"speech_to_text_stream 0.12 USD", "session 0.15 USD"}, "hear stt 0.150"},
		{"less billed after the end", func(_ context.Context, _ *otelvoice.Session, stream *otelvoice.STTStream) {
			stream.AddFrame(12*second, time.Time{})
			stream.End(nil)
			stream.SetBilled(11 * second)
		}, []string{"speech_to_text_stream 0.12 USD", "session 0.12 USD"}, "hear stt 0.120"}, // What was counted is not taken back.
		{"audio of unknown duration", func(ctx context.Context, session *otelvoice.Session, stream *otelvoice.STTStream) {
			stream.AddAudio(make([]byte, 4000))
			utter(ctx, session, stream)
			stream.End(nil)
		}, []string{"speech_to_text -", "chat 0.96 USD", "turn 0.96 USD", "speech_to_text_stream -", "session -"}, "chat llm 0.960"},
		{"audio of unknown duration that is billed", func(_ context.Context, _ *otelvoice.Session, stream *otelvoice.STTStream) {
			stream.AddAudio(make([]byte, 4000))
			stream.SetBilled(3 * second)
			stream.End(nil)
		}, []string{"speech_to_text_stream 0.03 USD", "session 0.03 USD"}, "hear stt 0.030"},
		{"no audio", func(ctx context.Context, session *otelvoice.Session, stream *otelvoice.STTStream) {
			tctx, turn := session.StartTurn(ctx)
			chat(tctx, turn, used, nil)
			turn.End()
			stream.End(errors.New("refused"))
		}, []string{"chat 0.96 USD", "turn 0.96 USD", "speech_to_text_stream -", "session 0.96 USD"}, "chat llm 0.960"},
		{"open at the end of the session", func(_ context.Context, _ *otelvoice.Session, stream *otelvoice.STTStream) {
			stream.AddFrame(12*second, time.Time{})
		}, []string{"speech_to_text_stream 0.12 USD", "session 0.12 USD"}, "hear stt 0.120"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t, withPrices(t))
				ctx, session := tel.StartSession(t.Context())
				ctx, stream := session.StartSTTStream(ctx, hearer)
				tt.call(ctx, session, stream)
				session.End()
				if got, want := costs(rec), strings.Join(tt.want, "\n"); got != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
				if got := counted(rec); got != tt.sum {
					t.Errorf("counted %q, want %q", got, tt.sum)
				}
				voicetest.Check(t, rec)
			})
		})
	}
}

// A recogniser that charges by token: 0.01 USD for one of input, and 0.04 USD for one of output.
func TestCostsOfStreamsByToken(t *testing.T) {
	heard := llmreport.Usage{InputTokens: 20, AudioInputTokens: 15, OutputTokens: 5}
	for _, tt := range []struct {
		name string
		used []llmreport.Usage
		want string
	}{
		{"two utterances", []llmreport.Usage{heard, heard}, "speech_to_text_stream 2.3 USD\nsession 2.3 USD"}, // 2 × (5 × 0.01 + 15 × 0.06 + 5 × 0.04)
		{"nothing was said", nil, "speech_to_text_stream -\nsession -"},
		{"tokens that contradict each other", []llmreport.Usage{heard, {InputTokens: 2, AudioInputTokens: 30, OutputTokens: 1}}, "speech_to_text_stream -\nsession -"},
		{"an impossible count", []llmreport.Usage{heard, {InputTokens: -1, OutputTokens: 1}}, "speech_to_text_stream -\nsession -"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			price := func(unit pricing.Unit, price string) pricing.Price {
				return pricing.Price{Provider: hearer.Provider, Model: hearer.Name, Unit: unit, Price: price, Currency: "USD"}
			}
			list, err := pricing.New(price(pricing.InputToken, "0.01"), price(pricing.AudioInputToken, "0.06"), price(pricing.OutputToken, "0.04"))
			if err != nil {
				t.Fatal(err)
			}
			tel, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(otelvoice.WithPrices(list)))
			ctx, session := tel.StartSession(t.Context())
			ctx, stream := session.StartSTTStream(ctx, hearer)
			stream.AddFrame(12*time.Second, time.Time{})
			for _, used := range tt.used {
				vendorcall.StreamFromContext(ctx).UsedObserved(used)
			}
			stream.End(nil)
			session.End()
			if got := costs(rec); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			voicetest.Check(t, rec)
		})
	}
}

// Stages that end at once, usage that is late and sessions that end meanwhile: what is counted is what was used.
func TestCostsConcurrentSafe(t *testing.T) {
	tel, rec := voicetest.Setup(t, withPrices(t))
	const sessions, requests = 8, 20
	var wg sync.WaitGroup
	for range sessions {
		ctx, session := tel.StartSession(t.Context())
		ctx, turn := session.StartTurn(ctx)
		for range requests {
			wg.Go(func() {
				llm := chat(ctx, turn, otelvoice.Usage{InputTokens: 80}, nil)
				llm.SetUsage(used)
			})
		}
		wg.Go(func() { turn.End() })
		wg.Go(session.End)
	}
	wg.Wait()
	data, _ := rec.Metric("voice.cost")
	sum, _ := data.(metricdata.Sum[float64])
	var got float64
	for _, p := range sum.DataPoints {
		got += p.Value
	}
	if want := sessions * requests * .96; got < want-1e-6 || got > want+1e-6 {
		t.Errorf("counted %v, want %v", got, want)
	}
}

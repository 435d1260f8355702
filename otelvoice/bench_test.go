// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/pricing"
)

func benchTelemetry(b *testing.B, opts ...voicesdk.Option) *voicesdk.SDK {
	b.Helper()
	tel, err := voicesdk.Setup(b.Context(), append([]voicesdk.Option{
		voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(io.Discard), variables(),
		voicesdk.WithMetricReader(sdkmetric.NewManualReader()), voicesdk.WithoutRuntimeMetrics(),
		voicesdk.WithSpanProcessor(sdktrace.NewBatchSpanProcessor(tracetest.NewNoopExporter())),
	}, opts...)...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := tel.Shutdown(context.Background()); err != nil {
			b.Error(err)
		}
	})
	return tel
}

// benchTurn records a turn with three stages and seven marks.
func benchTurn(ctx context.Context, session *otelvoice.Session) {
	ctx, turn := session.StartTurn(ctx)
	_, stt := turn.StartSTT(ctx, nova3)
	turn.Mark(otelvoice.UserStopped)
	stt.SetConfidence(.9)
	stt.Final()
	stt.End(nil)
	turn.Mark(otelvoice.TurnCommitted)
	_, llm := turn.StartLLM(ctx, gpt)
	llm.FirstToken()
	llm.SetUsage(otelvoice.Usage{InputTokens: 80, OutputTokens: 4})
	llm.End(nil)
	_, tts := turn.StartTTS(ctx, sonic3)
	tts.AddText("We open at nine.")
	tts.FirstByte()
	turn.Mark(otelvoice.AgentStarted)
	tts.End(nil)
	turn.End()
}

// withBenchPrices sets invented prices for the models of benchTurn.
func withBenchPrices(tb testing.TB) voicesdk.Option {
	tb.Helper()
	price := func(model otelvoice.Model, unit pricing.Unit) pricing.Price {
		return pricing.Price{Provider: model.Provider, Model: model.Name, Unit: unit, Price: "0.5", Per: 1_000_000, Currency: "USD"}
	}
	list, err := pricing.New(price(nova3, pricing.Request), price(sonic3, pricing.Character),
		price(gpt, pricing.InputToken), price(gpt, pricing.CachedInputToken), price(gpt, pricing.OutputToken))
	if err != nil {
		tb.Fatal(err)
	}
	return voicesdk.WithInstrumentation(otelvoice.WithPrices(list))
}

// BenchmarkTurn measures a turn with three stages and seven marks, with its metrics. The baseline
// makes the same spans, attributes and events by hand on the bare SDK, without metrics and lines.
func BenchmarkTurn(b *testing.B) {
	turn := func(b *testing.B, opts ...voicesdk.Option) {
		tel := benchTelemetry(b, opts...)
		ctx, session := tel.StartSession(b.Context())
		defer session.End()
		b.ReportAllocs()
		for b.Loop() {
			benchTurn(ctx, session)
		}
	}
	b.Run("all", func(b *testing.B) { turn(b) })
	b.Run("all, with prices", func(b *testing.B) { turn(b, withBenchPrices(b)) })
	b.Run("without stage lines", func(b *testing.B) { turn(b, voicesdk.WithInstrumentation(otelvoice.WithoutStageLogs())) })
	b.Run("without lines", func(b *testing.B) { turn(b, voicesdk.WithoutConsole()) })
	b.Run("without lines, to be scraped", func(b *testing.B) { turn(b, voicesdk.WithoutConsole(), voicesdk.WithPrometheus()) })
	b.Run("not sampled, without lines", func(b *testing.B) {
		turn(b, voicesdk.WithoutConsole(), voicesdk.WithSampler(sdktrace.NeverSample()))
	})
	bare := func(b *testing.B, sampler sdktrace.Sampler) {
		provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler),
			sdktrace.WithSpanProcessor(sdktrace.NewBatchSpanProcessor(tracetest.NewNoopExporter())))
		b.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
		tracer := provider.Tracer("bare")
		b.ReportAllocs()
		attrs := func() []attribute.KeyValue {
			out := make([]attribute.KeyValue, 0, 12)
			for _, key := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"} {
				out = append(out, attribute.String(key, "value"))
			}
			return out
		}
		for b.Loop() {
			ctx, turn := tracer.Start(b.Context(), "voice.turn", trace.WithAttributes(attrs()...))
			for _, name := range []string{"speech_to_text", "chat", "text_to_speech"} {
				_, stage := tracer.Start(ctx, name, trace.WithAttributes(attrs()...))
				stage.AddEvent("first")
				turn.AddEvent("first")
				turn.AddEvent("second")
				stage.End()
			}
			turn.End()
		}
	}
	b.Run("bare SDK", func(b *testing.B) { bare(b, sdktrace.AlwaysSample()) })
	b.Run("bare SDK, not sampled", func(b *testing.B) { bare(b, sdktrace.NeverSample()) })
}

// repeated is an endless stream of the same chunk, which has the provider's JSON.
type repeated string

func (repeated) Next() bool          { return true }
func (r repeated) Current() repeated { return r }
func (repeated) Err() error          { return nil }
func (r repeated) RawJSON() string   { return string(r) }

const (
	tokenChunk = `{"id":"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz","object":"chat.completion.chunk","created":1730000000,"model":"gpt-4o-mini-2024-07-18",` +
		`"service_tier":"default","choices":[{"index":0,"delta":{"content":" nine"},"logprobs":null,"finish_reason":null}],"usage":null}`
	thoughtChunk = `{"id":"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz","object":"chat.completion.chunk","created":1730000000,"model":"deepseek-reasoner",` +
		`"choices":[{"index":0,"delta":{"content":null,"reasoning_content":" nine"},"finish_reason":null}],"usage":null}`
	usageChunk = `{"id":"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz","object":"chat.completion.chunk","created":1730000000,"model":"gpt-4o-mini-2024-07-18",` +
		`"choices":[{"index":0,"delta":{"content":" nine"}}],"usage":{"prompt_tokens":80,"completion_tokens":4,"total_tokens":84,"prompt_tokens_details":{"cached_tokens":4}}}`
)

// BenchmarkChunk measures one chunk of an SDK's stream: after the first token, where it is not
// decoded; before it, where each one is decoded to find the first token; and with its usage,
// which is decoded.
func BenchmarkChunk(b *testing.B) {
	tel := benchTelemetry(b)
	ctx, session := tel.StartSession(b.Context())
	defer session.End()
	ctx, turn := session.StartTurn(ctx)
	for name, chunk := range map[string]repeated{"token": tokenChunk, "thinking": thoughtChunk, "usage": usageChunk} {
		b.Run(name, func(b *testing.B) {
			_, llm := turn.StartLLM(ctx, gpt)
			defer llm.End(nil)
			stream := otelvoice.WrapStream(llm, chunk)
			stream.Next()
			b.ReportAllocs()
			for b.Loop() {
				stream.Next()
			}
		})
	}
}

// BenchmarkLine measures one line with eight attributes inside a stage.
func BenchmarkLine(b *testing.B) {
	tel := benchTelemetry(b)
	ctx, session := tel.StartSession(b.Context())
	defer session.End()
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()
	ctx, stt := turn.StartSTT(ctx, nova3)
	defer stt.End(nil)
	logger := tel.Logger("voice.stt")
	attrs := []slog.Attr{
		slog.String("provider", "deepgram"), slog.String("model", "nova-3"), slog.String("language", "en"), slog.String("codec", "opus"),
		slog.Int("bytes", 48000), slog.Int("frames", 150), slog.Float64("confidence", .95), slog.Float64("seconds", 1.5),
	}
	b.Run("enabled", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			logger.LogAttrs(ctx, slog.LevelInfo, "STT processing completed", attrs...)
		}
	})
	b.Run("disabled", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			logger.LogAttrs(ctx, slog.LevelDebug, "STT processing completed", attrs...)
		}
	})
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package otelvoice_test

import (
	"context"
	"io"
	"log/slog"
	"testing"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// Allocations on the paths that run for every record, mark and token. The race detector
// allocates as well, so this is built without it.
func TestAllocations(t *testing.T) {
	tel, _ := voicetest.Setup(t, voicesdk.WithLogWriter(io.Discard), voicesdk.WithSampler(sdktrace.NeverSample()))
	ctx, session := tel.StartSession(t.Context())
	defer session.End()
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()
	lctx, llm := turn.StartLLM(ctx, gpt)
	defer llm.End(nil)
	_, tts := turn.StartTTS(ctx, sonic3)
	defer tts.End(nil)
	llm.FirstToken()
	tts.FirstByte()
	stream := otelvoice.WrapStream(llm, repeated(tokenChunk))
	stream.Next()
	usage := otelvoice.Usage{InputTokens: 80, OutputTokens: 4}
	logger := tel.Logger("m")
	attrs := []slog.Attr{slog.String("a", "b"), slog.Int("n", 1)}
	for _, tt := range []struct {
		name string
		run  func()
		most float64
	}{
		{"a line below the level", func() { logger.LogAttrs(lctx, slog.LevelDebug, "m", attrs...) }, 0},
		{"a token after the first", llm.FirstToken, 0},
		{"a chunk of an SDK's stream after the first token", func() { stream.Next() }, 1}, // The chunk in an interface.
		{"usage with each chunk", func() { llm.SetUsage(usage) }, 0},
		{"a chunk of audio after the first", tts.FirstByte, 0},
		{"correlation ID of a context", func() { _ = otelvoice.CorrelationID(lctx) }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if n := testing.AllocsPerRun(100, tt.run); n > tt.most {
				t.Errorf("%v allocations, want at most %v", n, tt.most)
			}
		})
	}
}

// Most of the allocations of a turn are the SDK's: 120 without the toolkit, with the same spans,
// attributes and events. The number must not grow.
func TestAllocationsOfTurns(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts []voicesdk.Option
		most float64
	}{
		{"sampled", []voicesdk.Option{voicesdk.WithoutConsole()}, 140},
		{"sampled, with prices", []voicesdk.Option{voicesdk.WithoutConsole(), withBenchPrices(t)}, 140},
		{"not sampled", []voicesdk.Option{voicesdk.WithoutConsole(), voicesdk.WithSampler(sdktrace.NeverSample())}, 70},
		{"with its lines", []voicesdk.Option{voicesdk.WithLogWriter(io.Discard)}, 165},
		{"sampled, with an agent", []voicesdk.Option{voicesdk.WithoutConsole(), voicesdk.WithInstrumentation(otelvoice.WithAgent("concierge", "1.4.0"))}, 140},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, err := voicesdk.Setup(t.Context(), append(tt.opts, voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(), variables(),
				voicesdk.WithMetricReader(sdkmetric.NewManualReader()), voicesdk.WithSpanProcessor(dropped{}))...)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tel.Shutdown(t.Context()) }()
			ctx, session := tel.StartSession(t.Context())
			defer session.End()
			if n := testing.AllocsPerRun(200, func() { benchTurn(ctx, session) }); n > tt.most {
				t.Errorf("%v allocations, want at most %v", n, tt.most)
			}
		})
	}
}

// dropped is a processor that discards spans.
type dropped struct{}

func (dropped) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (dropped) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (dropped) Shutdown(context.Context) error                  { return nil }
func (dropped) ForceFlush(context.Context) error                { return nil }

// A log line allocates only the attributes that do not fit into slog's record. Export to the
// collector adds no allocation, because its buffers are reused.
func TestAllocationsOfLines(t *testing.T) {
	r := otlptest.NewReceiver(t)
	for _, tt := range []struct {
		name string
		opt  voicesdk.Option
	}{
		{"JSON", variables()},
		{"JSON and export", variables("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", r.HTTPEndpoint()+"/v1/logs", "OTEL_BLRP_SCHEDULE_DELAY", "3600000")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(io.Discard), tt.opt)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tel.Shutdown(t.Context()) }()
			ctx, session := tel.StartSession(t.Context())
			defer session.End()
			logger := tel.Logger("m", otelvoice.Component("c", otelvoice.ComponentLLM))
			attrs := []slog.Attr{
				slog.String("a", "b"), slog.Int("n", 1), slog.String("c", "d"), slog.Float64("e", .5),
				slog.String("f", "g"), slog.Bool("h", true), slog.Duration("i", 1), slog.Uint64("j", 2),
			}
			for n, most := range map[int]float64{5: 0, 8: 1} {
				if got := testing.AllocsPerRun(500, func() { logger.LogAttrs(ctx, slog.LevelInfo, "m", attrs[:n]...) }); got > most {
					t.Errorf("%d attributes: %v allocations, want at most %v", n, got, most)
				}
			}
		})
	}
}

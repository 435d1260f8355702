// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package otelvoice_test

import (
	"io"
	"log/slog"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/otlptest"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// Allocations on the paths that run for every record, mark and token. The race
// detector makes its own, so this is built without it.
func TestAllocations(t *testing.T) {
	tel, _ := voicetest.Setup(t, otelvoice.WithLogWriter(io.Discard), otelvoice.WithSampler(sdktrace.NeverSample()))
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
	logger := tel.Logger("m")
	attrs := []slog.Attr{slog.String("a", "b"), slog.Int("n", 1)}
	for _, tt := range []struct {
		name string
		run  func()
		most float64
	}{
		{"a line below the level", func() { logger.LogAttrs(lctx, slog.LevelDebug, "m", attrs...) }, 0},
		{"a token after the first", llm.FirstToken, 0},
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

// A line costs nothing but what slog has no room for, and the way to the collector nothing
// beside it: its buffers are used again.
func TestAllocationsOfLines(t *testing.T) {
	r := otlptest.NewReceiver(t)
	for _, tt := range []struct {
		name string
		opt  otelvoice.Option
	}{
		{"JSON", variables()},
		{"JSON and export", variables("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", r.HTTPEndpoint()+"/v1/logs", "OTEL_BLRP_SCHEDULE_DELAY", "3600000")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, err := otelvoice.Setup(t.Context(), otelvoice.WithoutGlobals(), otelvoice.WithLogWriter(io.Discard), tt.opt)
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

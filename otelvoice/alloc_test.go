// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package otelvoice_test

import (
	"io"
	"log/slog"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

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
	eight := []slog.Attr{
		slog.String("a", "b"), slog.Int("n", 1), slog.String("c", "d"), slog.Float64("e", .5),
		slog.String("f", "g"), slog.Bool("h", true), slog.Duration("i", 1), slog.Uint64("j", 2),
	}
	for _, tt := range []struct {
		name string
		run  func()
		most float64
	}{
		{"a line below the level", func() { logger.LogAttrs(lctx, slog.LevelDebug, "m", attrs...) }, 0},
		{"a line of five attributes", func() { logger.LogAttrs(lctx, slog.LevelInfo, "m", eight[:5]...) }, 0},
		{"a line of eight attributes, of which slog has five in place", func() { logger.LogAttrs(lctx, slog.LevelInfo, "m", eight...) }, 1},
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

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package logpipe_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/exporters/jsonlog"
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/internal/redaction"
)

// Redaction of a line without secrets allocates nothing: of numbers that may be card numbers by
// their size, of keys that were seen before. The race detector makes allocations of its own.
// Redaction of records without secrets does not allocate.
func TestCleanRecordsDoNotAllocate(t *testing.T) {
	count := func(r *redaction.Engine, attrs ...slog.Attr) float64 {
		provider := logpipe.New(logpipe.Options{Redactor: r}, logpipe.Output{LoggerProvider: jsonlog.New(io.Discard, nil)})
		logger := slog.New(logpipe.NewHandler("voice.stt", "", provider))
		return testing.AllocsPerRun(100, func() { logger.LogAttrs(context.Background(), slog.LevelInfo, "response generated", attrs...) })
	}
	for _, tt := range []struct {
		name  string
		attrs []slog.Attr
	}{
		{"texts", []slog.Attr{slog.String("model", "gpt-4o-mini"), slog.String("order-4711", "two burgers")}},
		{"numbers", []slog.Attr{slog.Int("n", 1), slog.Float64("share", 0.5), slog.Bool("ok", true)}},
		{"large numbers", []slog.Attr{slog.Time("at", time.Unix(0, 1_700_000_000_123_456_789)), slog.Duration("took", time.Hour), slog.Int64("id", 4_111_111_111_111_112), slog.Float64("sum", 4e15)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if n := count(redaction.New(redaction.Default()), tt.attrs...); n != 0 {
				t.Errorf("%v allocations, want none", n)
			}
		})
	}
}

// From its second record on, an identity adds its IDs without allocations.
func TestIDsDoNotAllocate(t *testing.T) {
	provider := logpipe.New(logpipe.Options{Redactor: redaction.New(redaction.Default())}, via(jsonlog.New(io.Discard, nil)))
	logger := slog.New(logpipe.NewHandler("m", "", provider))
	ctx := identity.NewContext(t.Context(), identity.Identity{CorrelationID: "c", SessionID: "s", TurnID: "t"})
	logger.InfoContext(ctx, "m")
	logger.InfoContext(ctx, "m") // The first record creates the attribute group.
	if n := testing.AllocsPerRun(100, func() { logger.InfoContext(ctx, "m") }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

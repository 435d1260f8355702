// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe_test

import (
	"io"
	"log/slog"
	"testing"

	"github.com/voice-agents/telemetry/exporters/jsonlog"
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/internal/redaction"
)

// BenchmarkLine logs a record of a session as a JSON line.
func BenchmarkLine(b *testing.B) {
	for _, bb := range []struct {
		name    string
		options logpipe.Options
	}{
		{"with thread ID", logpipe.Options{}},
		{"without thread ID", logpipe.Options{WithoutThreadID: true}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			bb.options.Redactor = redaction.New(redaction.Default())
			p := logpipe.New(bb.options, via(jsonlog.New(io.Discard, nil)))
			logger := slog.New(logpipe.NewHandler("m", "", p))
			ctx := identity.NewContext(b.Context(), identity.Identity{CorrelationID: "550e8400-e29b-41d4-a716-446655440000", SessionID: "sess_1", TurnID: "turn_1"})
			attrs := []slog.Attr{slog.String("stage", "stt"), slog.Int("bytes", 48000), slog.Float64("confidence", .95), slog.String("language", "en")}
			b.ReportAllocs()
			for b.Loop() {
				logger.LogAttrs(ctx, slog.LevelInfo, "processing completed", attrs...)
			}
		})
	}
}

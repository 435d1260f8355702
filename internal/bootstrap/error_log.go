// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/semconv"
)

// errorModule is the module of lines about telemetry itself.
const errorModule = "otelvoice.telemetry"

// errorInterval is how often one and the same trouble is told.
const errorInterval = 30 * time.Second

// errorLog is OpenTelemetry's error handler: it writes what goes wrong inside
// telemetry, such as a collector that cannot be reached, as warnings among the
// other lines, and not for every batch.
type errorLog struct {
	logger *slog.Logger

	mu       sync.Mutex
	last     time.Time
	repeated int
}

func newErrorLog(logger *slog.Logger) *errorLog { return &errorLog{logger: logger} }

// Handle implements the error handler of OpenTelemetry.
func (l *errorLog) Handle(err error) {
	if err == nil {
		return
	}
	l.mu.Lock()
	now := time.Now()
	if !l.last.IsZero() && now.Sub(l.last) < errorInterval {
		l.repeated++
		l.mu.Unlock()
		return
	}
	repeated := l.repeated
	l.last, l.repeated = now, 0
	l.mu.Unlock()
	var attrs []slog.Attr
	var panicked *failure.PanicError
	if failure.As(err, &panicked) {
		attrs = append(attrs, slog.String(string(semconv.ExceptionStacktraceKey), string(panicked.Stack)))
	}
	if repeated > 0 {
		attrs = append(attrs, slog.Int("not_told", repeated))
	}
	l.logger.LogAttrs(context.Background(), slog.LevelWarn, "telemetry: "+failure.Message(err), attrs...)
}

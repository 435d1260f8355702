// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/semconv"
)

// TelemetryModule is the module of log lines about telemetry itself.
const TelemetryModule = "otelvoice.telemetry"

// errorInterval is how often errors are logged. Those in between are counted.
const errorInterval = 30 * time.Second

// ErrorLog is an error handler of OpenTelemetry. It logs errors of telemetry itself, such as a
// collector that cannot be reached, as warnings, at most once in 30 s.
type ErrorLog struct {
	logger *slog.Logger

	mu       sync.Mutex
	last     time.Time
	repeated int
}

// NewErrorLog returns a handler that writes to a logger.
func NewErrorLog(logger *slog.Logger) *ErrorLog { return &ErrorLog{logger: logger} }

// Handle implements the error handler of OpenTelemetry.
func (l *ErrorLog) Handle(err error) {
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
		attrs = append(attrs, slog.Int("suppressed", repeated))
	}
	l.logger.LogAttrs(context.Background(), slog.LevelWarn, "telemetry: "+failure.Message(err), attrs...)
}

// Modules returns the modules of the toolkit, which a filter may name before they log.
func Modules() []string {
	return []string{
		"voice.session", "voice.turn", "voice.stt", "voice.llm", "voice.tts", "voice.tool", "voice.operation",
		"voice.performance", "voice.http", "voice.pipeline", TelemetryModule, "otelvoice.panic",
	}
}

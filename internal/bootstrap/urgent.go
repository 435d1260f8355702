// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"

	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/internal/output"
)

// urgentProvider flushes the log file after each record that must not wait in its buffer.
//
// It wraps the file's provider, because the file itself gets encoded bytes without a
// severity. Other records cost one comparison.
type urgentProvider struct {
	log.LoggerProvider

	file *output.Writer
}

// Logger returns a logger that implements [logrecord.Writer] if the wrapped one does.
func (p urgentProvider) Logger(name string, opts ...log.LoggerOption) log.Logger {
	logger := urgentLogger{Logger: p.LoggerProvider.Logger(name, opts...), file: p.file}
	if writer, ok := logger.Logger.(logrecord.Writer); ok {
		return &urgentWriter{urgentLogger: logger, writer: writer}
	}
	return &logger
}

type urgentLogger struct {
	log.Logger

	file *output.Writer
}

// urgent reports whether records must not wait: records of ERROR and above, and records
// without a severity.
func urgent(severity log.Severity) bool {
	return severity >= log.SeverityError || severity == log.SeverityUndefined
}

// Emit writes the record. If it is urgent, it and all earlier lines are in the file
// when Emit returns.
func (l *urgentLogger) Emit(ctx context.Context, record log.Record) {
	l.Logger.Emit(ctx, record)
	if urgent(record.Severity()) {
		l.file.Sync()
	}
}

// urgentWriter wraps a logger that implements [logrecord.Writer].
type urgentWriter struct {
	urgentLogger

	writer logrecord.Writer
}

var _ logrecord.Writer = (*urgentWriter)(nil)

// WriteRecord implements [logrecord.Writer] as Emit does.
func (l *urgentWriter) WriteRecord(ctx context.Context, r *logrecord.Record) {
	l.writer.WriteRecord(ctx, r)
	if urgent(r.Severity) {
		l.file.Sync()
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"

	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/internal/output"
)

// urgentProvider flushes a file after each record that must not wait in its buffer.
//
// It stands around the leg, where a record still has its severity: the file sees bytes
// of three formats, and what is between them need not pass a level on. Other records
// cost a comparison.
type urgentProvider struct {
	log.LoggerProvider

	file *output.Writer
}

// Logger returns a logger that takes records as the leg's own does.
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

// urgent reports whether records must not wait: those of ERROR and above, and those
// that do not say.
func urgent(severity log.Severity) bool {
	return severity >= log.SeverityError || severity == log.SeverityUndefined
}

// Emit writes the record. When it returns, one that is urgent is in the file, and so
// is what was written before it.
func (l *urgentLogger) Emit(ctx context.Context, record log.Record) {
	l.Logger.Emit(ctx, record)
	if urgent(record.Severity()) {
		l.file.Sync()
	}
}

// urgentWriter is for loggers that read records as they are.
type urgentWriter struct {
	urgentLogger

	writer logrecord.Writer
}

var _ logrecord.Writer = (*urgentWriter)(nil)

// WriteRecord does what Emit does.
func (l *urgentWriter) WriteRecord(ctx context.Context, r *logrecord.Record) {
	l.writer.WriteRecord(ctx, r)
	if urgent(r.Severity) {
		l.file.Sync()
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package urgent flushes the buffer of a log file after records that must not wait in it.
package urgent

import (
	"context"

	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/internal/output"
)

// New returns a provider that flushes the log file after each record that must not wait in its buffer.
//
// It wraps the file's provider, because the file itself gets encoded bytes without a
// severity. Other records cost one comparison.
func New(of log.LoggerProvider, file *output.Writer) log.LoggerProvider { return provider{of, file} }

type provider struct {
	log.LoggerProvider

	file *output.Writer
}

// Logger returns a logger that implements [logrecord.Writer] if the wrapped one does.
func (p provider) Logger(name string, opts ...log.LoggerOption) log.Logger {
	l := logger{Logger: p.LoggerProvider.Logger(name, opts...), file: p.file}
	if next, ok := l.Logger.(logrecord.Writer); ok {
		return &writer{logger: l, next: next}
	}
	return &l
}

type logger struct {
	log.Logger

	file *output.Writer
}

// isUrgent reports whether records must not wait: records of ERROR and above, and records
// without a severity.
func isUrgent(severity log.Severity) bool {
	return severity >= log.SeverityError || severity == log.SeverityUndefined
}

// Emit writes the record. If it is urgent, it and all earlier lines are in the file
// when Emit returns.
func (l *logger) Emit(ctx context.Context, record log.Record) {
	l.Logger.Emit(ctx, record)
	if isUrgent(record.Severity()) {
		l.file.Sync()
	}
}

// writer wraps a logger that implements [logrecord.Writer].
type writer struct {
	logger

	next logrecord.Writer
}

var _ logrecord.Writer = (*writer)(nil)

// WriteRecord implements [logrecord.Writer] as Emit does.
func (l *writer) WriteRecord(ctx context.Context, r *logrecord.Record) {
	l.next.WriteRecord(ctx, r)
	if isUrgent(r.Severity) {
		l.file.Sync()
	}
}

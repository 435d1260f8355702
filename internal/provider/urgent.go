// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/exporters/logfile"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// urgentProvider flushes a file after each record that must not wait in its buffer.
//
// It stands around the leg, where a record still has its severity: the file sees bytes
// of three formats, and what is between them need not pass a level on. Other records
// cost a comparison.
type urgentProvider struct {
	log.LoggerProvider

	file *logfile.File
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

	file *logfile.File
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
		_ = l.file.Flush() // It counts what is lost, and tells of it.
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
		_ = l.file.Flush() // As above.
	}
}

// flushedFile is a file among the signals: what waits in it is written before the
// metrics tell for the last time how much was lost. It is closed after all others,
// for they may log until then.
type flushedFile struct{ file *logfile.File }

// ForceFlush writes what waits, or gives up with the context: a disk may hang.
func (f flushedFile) ForceFlush(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- f.file.Flush() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("flush the log's file: %w", context.Cause(ctx))
	}
}

// Shutdown does what ForceFlush does.
func (f flushedFile) Shutdown(ctx context.Context) error { return f.ForceFlush(ctx) }

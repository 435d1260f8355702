// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/logrecord"
)

// LoggerProvider is a [log.LoggerProvider] that encodes records as they are emitted. It is safe
// for concurrent use. After Shutdown its loggers drop records.
type LoggerProvider struct {
	embedded.LoggerProvider
	*Batcher

	keys logrecord.KeyCache
}

var _ log.LoggerProvider = (*LoggerProvider)(nil)

// NewLoggerProvider returns a provider. The caller must shut it down.
func NewLoggerProvider(cfg BatchConfig) *LoggerProvider {
	return &LoggerProvider{Batcher: NewBatcher(cfg)}
}

// Logger returns a logger for a scope.
func (p *LoggerProvider) Logger(name string, opts ...log.LoggerOption) log.Logger {
	cfg := log.NewLoggerConfig(opts...)
	attrs := cfg.InstrumentationAttributes()
	attrs, _ = attrs.Filter(attribute.KeyValue.Valid) // The SDK drops empty keys, too.
	return &logger{provider: p, scope: newScope(name, cfg.InstrumentationVersion(), cfg.SchemaURL(), attrs, unique)}
}

type logger struct {
	embedded.Logger

	provider *LoggerProvider
	scope    *Scope
}

var (
	_ log.Logger       = (*logger)(nil)
	_ logrecord.Writer = (*logger)(nil)
)

// Enabled returns true: levels are checked by the caller.
func (l *logger) Enabled(context.Context, log.EnabledParameters) bool { return true }

// Emit encodes the record. It ignores the error of the record, which must be in its attributes.
func (l *logger) Emit(ctx context.Context, record log.Record) {
	r := logrecord.New(&l.provider.keys)
	r.Read(&record)
	r.Span = trace.SpanContextFromContext(ctx)
	l.WriteRecord(ctx, r)
	r.Free()
}

// WriteRecord encodes the record.
func (l *logger) WriteRecord(_ context.Context, r *logrecord.Record) {
	r.Scratch = appendRecord(r.Scratch[:0], r)
	l.provider.Add(l.scope, r.Scratch, r.Severity >= log.SeverityError)
}

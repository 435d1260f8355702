// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otlplog makes OTLP requests of log records: each is encoded when it is written, by
// the goroutine that logs, and appended to the request that it will be sent in. The SDK copies
// a record into a queue, out of it again into structs for the encoder, and encodes these: five
// times the work, and some thirty allocations.
package otlplog

import (
	"context"

	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/internal/otlpbatch"
)

// Provider is a [log.LoggerProvider]. It is safe for concurrent use, and after Shutdown its
// loggers do nothing.
type Provider struct {
	embedded.LoggerProvider
	*otlpbatch.Batcher

	keys logrecord.KeyCache
}

var _ log.LoggerProvider = (*Provider)(nil)

// New returns a provider, which is to be shut down.
func New(cfg otlpbatch.Config) *Provider { return &Provider{Batcher: otlpbatch.New(cfg)} }

// Logger returns a logger of a scope.
func (p *Provider) Logger(name string, opts ...log.LoggerOption) log.Logger {
	cfg := log.NewLoggerConfig(opts...)
	return &logger{provider: p, scope: otlpbatch.NewScope(name, cfg.InstrumentationVersion(), cfg.SchemaURL(), cfg.InstrumentationAttributes())}
}

type logger struct {
	embedded.Logger

	provider *Provider
	scope    *otlpbatch.Scope
}

var (
	_ log.Logger       = (*logger)(nil)
	_ logrecord.Writer = (*logger)(nil)
)

// Enabled is true: whoever holds the logger has decided by level.
func (l *logger) Enabled(context.Context, log.EnabledParameters) bool { return true }

// Emit encodes the record. What there is to say of an error must be among its attributes.
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
	l.provider.Add(l.scope, r.Scratch)
}

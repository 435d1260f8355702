// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/jsonenc"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// unnamed is the module of a logger without a name, which the Logs API has
// callers avoid but providers put up with.
const unnamed = "unknown"

// Logger returns a logger whose lines carry name as their module, or "unknown"
// if it is empty. The options, a scope's version and attributes, are not part of
// a line.
func (p *Provider) Logger(name string, _ ...log.LoggerOption) log.Logger {
	if name == "" {
		name = unnamed
	}
	module := jsonenc.AppendText([]byte(`,"module":`), name, p.maxText)
	return &logger{provider: p, module: string(module)}
}

type logger struct {
	embedded.Logger

	provider *Provider
	module   string // As it is written in a line.
}

var (
	_ log.Logger       = (*logger)(nil)
	_ logrecord.Writer = (*logger)(nil)
)

// Enabled is true: whoever holds the logger has decided by level.
func (l *logger) Enabled(context.Context, log.EnabledParameters) bool { return true }

// Emit writes the record as one line. The record is not kept. That ctx is
// cancelled does not matter: what happened is recorded.
func (l *logger) Emit(ctx context.Context, record log.Record) {
	// The context is the caller's, and so are its methods.
	defer l.recovered()
	r := logrecord.New(&l.provider.keys)
	r.Read(&record)
	r.Span = trace.SpanContextFromContext(ctx)
	l.WriteRecord(ctx, r)
	r.Free()
}

// WriteRecord does what Emit does.
func (l *logger) WriteRecord(_ context.Context, r *logrecord.Record) {
	defer l.recovered() // The error is the caller's, and so are its methods.
	e := newEncoder(l.provider)
	e.useBlocks(l.provider, r)
	e.line = e.appendLine(e.line[:0], l, r)
	l.provider.write(e.line)
	e.free()
}

// recovered counts a line that was lost to a panic. It is to be deferred.
func (l *logger) recovered() {
	if r := recover(); r != nil {
		l.provider.drop(true, fmt.Errorf("jsonlog: encode: panic: %v", r))
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/internal/logline"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// unnamed is the module of a logger without a name. Callers should not create such a logger, but
// the Logs API requires that providers accept it.
const unnamed = "unknown"

// Logger returns a logger whose lines have name as their module, or "unknown" if it is empty. Lines
// do not have the version and the attributes of a scope, so the options are ignored.
func (p *Provider) Logger(name string, _ ...log.LoggerOption) log.Logger {
	if name == "" {
		name = unnamed
	}
	module := logline.AppendText([]byte(`,"module":`), name, p.maxText)
	return &logger{provider: p, module: strings.Clone(name), encodedModule: string(module)}
}

type logger struct {
	embedded.Logger

	provider      *Provider
	module        string
	encodedModule string // The field of a line.
}

var (
	_ log.Logger       = (*logger)(nil)
	_ logrecord.Writer = (*logger)(nil)
)

// Enabled returns true, because callers filter by level.
func (l *logger) Enabled(context.Context, log.EnabledParameters) bool { return true }

// Emit writes the record as one line. It does not keep the record, and writes it even if ctx is
// cancelled.
func (l *logger) Emit(ctx context.Context, record log.Record) {
	defer l.provider.writer.Recover() // Methods of the caller's context may panic.
	r := logrecord.New(&l.provider.keys)
	r.Read(&record)
	r.Span = trace.SpanContextFromContext(ctx)
	l.WriteRecord(ctx, r)
	r.Free()
}

// WriteRecord writes the record as one line.
func (l *logger) WriteRecord(_ context.Context, r *logrecord.Record) {
	defer l.provider.writer.Recover() // Methods of the caller's error may panic.
	e := newEncoder(l.provider)
	e.sort(l.provider, r)
	e.line = e.appendLine(e.line[:0], l, r)
	l.provider.writer.Write(e.line, r, l.module)
	e.free()
}

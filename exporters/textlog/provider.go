// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package textlog writes log records as text for people: one aligned line each, with colours on a
// terminal.
//
// Stability: experimental; may change in a minor release.
//
// Its [Provider] is a [log.LoggerProvider]. When Emit returns, the line was written.
//
//	provider := textlog.New(os.Stdout, nil)
//	logger := slog.New(otelslog.NewHandler("voice.stt", otelslog.WithLoggerProvider(provider)))
//
// It writes lines such as
//
//	12:00:01.050 INFO  nova-3         stt completed  1.05 s, final 0.25 s  3bf8b157 …c3d4
//	12:00:02.595 WARN  turn           turn completed  waited 5.20 s: generation 4.55, …  3bf8b157 …c3d4
//	12:00:02.600 ERROR sonic-3        tts failed  41 ms  503: synthesize: answered 503  3bf8b157 …c3d4
//	12:00:02.700 INFO  greeter        greeting  name=Ada  order-42 call-1
//
// A line starts with time, level, component and message. The most important number follows: for a
// turn, the time that the user waited and its longest segments; for a stage, its duration and the
// time to the final transcript, the first token or the first byte; for a request, its status and
// duration. Then come the class and the message of an error and the fields that the program set. The
// line ends with the first digits of the correlation ID and the end of the session ID.
// [Options].Details adds all other fields and complete ids.
//
// The fields, their order and their limits are those of package jsonlog.
//
// Each record is one line without control characters, line separators or bidirectional controls,
// whatever its values are. Values can therefore neither forge a line nor control a terminal. These
// characters are written as Go escapes, such as \x1b.
package textlog

import (
	"context"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/internal/logline"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// Options are the options of a [Provider]. The zero value has the defaults.
type Options struct {
	// Colors colours the text for a terminal; see [ColorsFor].
	Colors bool
	// Details shows all fields of a record, and complete ids.
	Details bool
	// Location is the time zone of the times; nil is the local one.
	Location *time.Location
	// OnError is called with the first error of a series of failed writes. It runs on the
	// goroutine that logs, and may log itself. [Provider.Dropped] counts with and without it.
	OnError func(error)
}

// Provider is a [log.LoggerProvider] whose loggers write lines of text. It is safe for concurrent
// use. It does not buffer, so it needs neither flush nor shutdown.
type Provider struct {
	embedded.LoggerProvider

	opts   Options
	keys   logrecord.KeyCache
	writer *logline.Writer
}

var _ log.LoggerProvider = (*Provider)(nil)

// New returns a provider that writes to w. Each line is one call of Write, and calls do not overlap.
// If w has a method WriteLine as a syslog.Writer does, that is called instead. Neither may log through
// the provider. Nil options are the defaults.
func New(w io.Writer, opts *Options) *Provider {
	if opts == nil {
		opts = &Options{}
	}
	return &Provider{opts: *opts, writer: logline.NewWriter("textlog", w, os.Getpid(), opts.OnError)}
}

// Dropped returns the number of lines that could not be written.
func (p *Provider) Dropped() uint64 { return p.writer.Dropped() }

// unnamed is the module of a logger without a name.
const unnamed = "unknown"

// Logger returns a logger whose lines have name as their module, or "unknown" if it is empty. Lines
// do not have the version and the attributes of a scope, so the options are ignored.
func (p *Provider) Logger(name string, _ ...log.LoggerOption) log.Logger {
	if name == "" {
		name = unnamed
	}
	return &logger{provider: p, module: strings.Clone(name)}
}

type logger struct {
	embedded.Logger

	provider *Provider
	module   string
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
	e := encoders.Get().(*encoder)
	e.line.MaxText, e.line.KeyCache = logline.DefaultMaxText, &l.provider.keys
	e.line.SortRecord(r)
	e.read(&e.line, r, l.module)
	e.row = row{dst: append(e.row.dst[:0], '\n'), painter: painter{on: l.provider.opts.Colors}}
	e.row.entry(&e.entry, &l.provider.opts)
	l.provider.writer.Write(e.row.dst, r, l.module)
	e.free()
}

// encoder encodes one record at a time.
type encoder struct {
	reader

	line logline.Line
	row  row
}

var encoders = sync.Pool{New: func() any { return &encoder{} }}

// The limits of the buffers that a pooled encoder keeps.
const (
	maxKept       = 16 << 10 // Bytes of text.
	maxKeptFields = 256
)

// free returns the encoder to the pool, without what it holds of the record.
func (e *encoder) free() {
	if cap(e.row.dst) > maxKept || cap(e.fields) > maxKeptFields || !e.line.Release() {
		return
	}
	clear(e.fields)
	clear(e.ids)
	e.entry = entry{fields: e.fields[:0], ids: e.ids[:0]}
	encoders.Put(e)
}

// ColorsFor reports whether text on w should have colours by default: w is a terminal that supports
// them, and the variable NO_COLOR is not set (see https://no-color.org).
func ColorsFor(w io.Writer, lookup func(string) (string, bool)) bool {
	if value, _ := lookup("NO_COLOR"); value != "" {
		return false
	}
	if term, _ := lookup("TERM"); term == "dumb" {
		return false
	}
	return isTerminal(w)
}

// isTerminal reports whether w is a character device. Apart from /dev/null, these are terminals.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

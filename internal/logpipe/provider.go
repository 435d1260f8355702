// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package logpipe is the one way in for log records: it decides by level and
// module, completes a record from its context, takes out what must not leave the
// process, and hands the same record to every way out (the lines and the
// collector), so that they can't tell two stories.
package logpipe

import (
	"context"
	"log/slog"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/internal/settings"
	"github.com/voice-agents/telemetry/redact"
)

// Options say what a [Provider] does to the records that pass it. The zero
// Options are the defaults.
type Options struct {
	// Levels are the least severe levels let through; nil means INFO.
	Levels *Levels
	// FilterModules are the modules that are logged, with those below them; none
	// means all. ExcludeModules are those that are not.
	FilterModules, ExcludeModules []string
	// KnownModules are those that the program may make loggers of at any time: a filter
	// that names one of them makes sense. OwnModule is that of the records which the
	// provider writes itself, about a filter that does not.
	KnownModules []string
	OwnModule    string
	// WithoutThreadID leaves out thread.id, which costs a system call a record.
	WithoutThreadID bool
	// WithoutIDs leaves out who a record belongs to: the ids of its context, and
	// those of its span.
	WithoutIDs bool
	// WithoutPerformance leaves out performance metrics.
	WithoutPerformance bool
	// Traceback adds a stack trace to records with an error.
	Traceback bool
	// WithoutRequests and WithoutResponses leave out the lines of the HTTP middleware when a
	// request comes in and when it is answered.
	WithoutRequests, WithoutResponses bool
	// Redactor takes out what must not leave the process; nil takes out nothing.
	Redactor *redact.Redactor
	// Faults logs the faults of the program's code by this provider; nil means new ones.
	Faults *Faults
}

// A Leg is one of the ways out.
type Leg struct {
	log.LoggerProvider

	// Level is the leg's own level; nil means that of the pipe. A module's level
	// that is more severe counts here too.
	Level slog.Leveler
}

// Provider is a [log.LoggerProvider] that completes each record and passes it
// on to all of its legs. It is safe for concurrent use, holds no record back
// and needs no shutdown: its legs have their own.
type Provider struct {
	embedded.LoggerProvider

	// Owner is what the provider is a part of. Code that has the provider from OpenTelemetry's
	// globals finds it here. It is set before the provider becomes global.
	Owner any
	// Flush sends what is waiting behind the provider; nil if package bootstrap did not make it.
	Flush func(context.Context) error
	// Tracers and Meters are the providers that were set up with this one and that redact by the
	// same rules; nil if package bootstrap did not make it.
	Tracers trace.TracerProvider
	Meters  metric.MeterProvider

	legs    []Leg
	opts    Options
	filter  *filter
	sources logrecord.Cache[*logrecord.Block]
	keys    logrecord.Table
}

var _ log.LoggerProvider = (*Provider)(nil)

// New returns a provider in front of the legs.
func New(opts Options, legs ...Leg) *Provider {
	if opts.Levels == nil {
		opts.Levels = NewLevels(nil)
	}
	if opts.Faults == nil {
		opts.Faults = NewFaults(opts.Redactor)
	}
	p := &Provider{legs: legs, opts: opts, filter: newFilter(opts)}
	p.keys.Judge = p.judge
	opts.Faults.logs.Store(p)
	return p
}

// Redactor returns what takes secrets out of the records; it may be nil.
func (p *Provider) Redactor() *redact.Redactor { return p.opts.Redactor }

// Faults returns what counts and logs the faults of the program's code.
func (p *Provider) Faults() *Faults { return p.opts.Faults }

// Requests reports whether the HTTP middleware logs that a request came in, and that it was
// answered.
func (p *Provider) Requests() (received, answered bool) {
	return !p.opts.WithoutRequests, !p.opts.WithoutResponses
}

// Performance reports whether performance metrics are logged.
func (p *Provider) Performance() bool { return !p.opts.WithoutPerformance }

// Logger returns a logger that writes to every leg under the same name.
func (p *Provider) Logger(name string, opts ...log.LoggerOption) log.Logger {
	return p.Module(name, opts...)
}

// Module returns the same as [Provider.Logger], for code that writes records without the Logs API.
func (p *Provider) Module(name string, opts ...log.LoggerOption) *Logger {
	module := strings.Clone(settings.Module(name)) // Levels and filters go by the name before redaction.
	kept, watched := p.filter.keeps(module)
	if !kept {
		return &Logger{provider: p, module: module, watched: watched} // Without legs it wants no record.
	}
	l := p.unfiltered(name, opts...)
	l.module = module
	return l
}

// unfiltered returns a logger that no filter keeps from writing.
func (p *Provider) unfiltered(name string, opts ...log.LoggerOption) *Logger {
	l := &Logger{provider: p, module: name}
	name, opts = p.text(name), p.cleanScope(opts)
	for _, leg := range p.legs {
		made := loggerLeg{Logger: leg.Logger(name, opts...), level: leg.Level}
		made.writer, _ = made.Logger.(logrecord.Writer)
		l.legs = append(l.legs, made)
	}
	return l
}

// cleanScope returns the options of a logger with clean text and without secrets: what a leg does
// with them is its own affair, and one stray byte would spoil its requests.
func (p *Provider) cleanScope(opts []log.LoggerOption) []log.LoggerOption {
	if len(opts) == 0 {
		return nil
	}
	cfg := log.NewLoggerConfig(opts...)
	set := cfg.InstrumentationAttributes()
	attrs, dirty := cleantext.Texts(set.ToSlice())
	attrs, secret := p.opts.Redactor.Attributes(attrs)
	version, schema := p.text(cfg.InstrumentationVersion()), p.text(cfg.SchemaURL())
	if !dirty && !secret && version == cfg.InstrumentationVersion() && schema == cfg.SchemaURL() {
		return opts
	}
	return []log.LoggerOption{
		log.WithInstrumentationVersion(version), log.WithSchemaURL(schema), log.WithInstrumentationAttributes(attrs...),
	}
}

// Logger writes the records of a module.
type Logger struct {
	embedded.Logger

	provider *Provider
	module   string
	legs     []loggerLeg
	watched  bool // It has no legs, because the filter does not name its module.
	current  atomic.Pointer[moduleLevel]
}

type loggerLeg struct {
	log.Logger

	writer logrecord.Writer // The same; nil if it wants the Logs API's records.
	level  slog.Leveler
}

var _ log.Logger = (*Logger)(nil)

// Enabled reports whether the level is let through and a leg wants the record.
func (l *Logger) Enabled(ctx context.Context, param log.EnabledParameters) bool {
	return l.enabled(ctx, levelOf(param.Severity))
}

func (l *Logger) enabled(ctx context.Context, level slog.Level) bool {
	if len(l.legs) == 0 {
		if l.watched {
			l.provider.leftOut(ctx, l.module, level)
		}
		return false
	}
	module := l.level()
	if level < module.floor {
		return false // As most calls of a program are answered.
	}
	least := module.least()
	for i := range l.legs {
		leg := &l.legs[i]
		if leg.passes(level, least) && (leg.writer != nil || leg.Enabled(ctx, log.EnabledParameters{Severity: severityOf(level)})) {
			return true
		}
	}
	return false
}

// Emit completes the record and passes it on. Records below the level are
// dropped here too, because callers need not ask Enabled first. A cancelled
// context does not matter: what happened is recorded.
func (l *Logger) Emit(ctx context.Context, record log.Record) {
	level := levelOf(record.Severity())
	if !l.wanted(ctx, level) {
		return
	}
	r := logrecord.New(&l.provider.keys)
	r.Scalars(&record)
	r.EventName, r.SeverityText = l.provider.text(r.EventName), l.provider.text(r.SeverityText)
	record.WalkAttributes(func(kv attribute.KeyValue) bool {
		l.provider.add(r, kv)
		return true
	})
	l.write(ctx, level, r)
	r.Free()
}

// Write writes a record of what happened now: where it was, what it is about and what there
// is to say of it. The attributes are not kept.
func (l *Logger) Write(ctx context.Context, severity log.Severity, message string, source *logrecord.Block, err error, attrs ...attribute.KeyValue) {
	level := levelOf(severity)
	if !l.wanted(ctx, level) {
		return
	}
	r := logrecord.New(&l.provider.keys)
	r.Time, r.Body = time.Now(), attribute.StringValue(message)
	r.Severity, r.SeverityText = severity, level.String()
	r.SetSource(source)
	for i := range attrs {
		l.provider.add(r, attrs[i])
	}
	r.Err = err
	l.write(ctx, level, r)
	r.Free()
}

// wanted reports whether a leg takes records of the level.
func (l *Logger) wanted(ctx context.Context, level slog.Level) bool {
	if l.watched {
		l.provider.leftOut(ctx, l.module, level)
		return false
	}
	least := l.level().least()
	for i := range l.legs {
		if l.legs[i].passes(level, least) {
			return true
		}
	}
	return false
}

// write completes a record, whose attributes are fit to go out, and passes it on.
func (l *Logger) write(ctx context.Context, level slog.Level, r *logrecord.Record) {
	if f := l.provider.filter; !f.settled.Load() {
		f.wrote.Store(true)
	}
	least := l.level().least()
	l.send(ctx, r, func(leg *loggerLeg) bool { return leg.passes(level, least) })
}

// send completes a record and passes it on to the legs that take it.
func (l *Logger) send(ctx context.Context, r *logrecord.Record, takes func(*loggerLeg) bool) { //nolint:contextcheck // A nil one is replaced.
	if ctx == nil {
		ctx = context.Background()
	}
	l.provider.complete(ctx, r)
	if l.provider.opts.WithoutIDs {
		ctx = trace.ContextWithSpanContext(ctx, trace.SpanContext{})
	} else {
		r.Span = trace.SpanContextFromContext(ctx)
	}
	for i := range l.legs {
		switch leg := &l.legs[i]; {
		case !takes(leg):
		case leg.writer != nil:
			leg.writer.WriteRecord(ctx, r)
		default:
			leg.Emit(ctx, r.API())
		}
	}
}

// level returns what the module is to log, which is found out anew only when
// somebody has changed the levels.
func (l *Logger) level() *moduleLevel {
	state := l.provider.opts.Levels.state.Load()
	if m := l.current.Load(); m != nil && m.state == state {
		return m
	}
	return l.found(state)
}

func (l *Logger) found(state *levelState) *moduleLevel {
	m := &moduleLevel{state: state}
	m.level, m.own = state.of(l.module)
	m.floor = l.floor(m)
	l.current.Store(m)
	return m
}

// floor returns the level below which no leg takes a record of the module, whatever is said
// meanwhile, or the least of all where levels change by themselves.
func (l *Logger) floor(m *moduleLevel) slog.Level {
	floor := slog.Level(math.MaxInt)
	for i := range l.legs {
		leveler := l.legs[i].level
		if leveler == nil {
			leveler = m.state.base
			if m.own {
				leveler = m.level
			}
		}
		level, fixed := leveler.(slog.Level)
		if !fixed {
			return math.MinInt
		}
		floor = min(floor, level)
	}
	return floor
}

// passes reports whether a record of the level goes out by this leg.
func (l *loggerLeg) passes(level slog.Level, least least) bool {
	if l.level == nil {
		return level >= least.level
	}
	return level >= l.level.Level() && (!least.own || level >= least.level)
}

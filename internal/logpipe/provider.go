// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package logpipe processes all log records of a process. It filters them by level and module,
// adds the ids of the context, redacts secrets, and passes the same record to every output, so
// that log lines and the collector agree.
//
// A record takes one path: logger or slog handler → attributes → ids → redaction → outputs, each of
// which encodes and writes it.
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
	"github.com/voice-agents/telemetry/internal/logpipe/threadid"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/internal/settings"
)

// Options are the options of a [Provider]. The zero value has the defaults.
type Options struct {
	// Levels are the minimum levels; nil means INFO.
	Levels *Levels
	// FilterModules are the modules that are logged, with their submodules; none means all.
	// ExcludeModules are not logged.
	FilterModules, ExcludeModules []string
	// KnownModules may log at any time, so FilterModules may name them before they have a
	// logger. OwnModule is the module of the provider's own warnings about FilterModules.
	KnownModules []string
	OwnModule    string
	// WithoutThreadID leaves out thread.id.
	WithoutThreadID bool
	// WithoutIDs leaves out the ids of the context and of its span.
	WithoutIDs bool
	// WithoutPerformance leaves out performance metrics.
	WithoutPerformance bool
	// Traceback adds a stack trace to records with an error.
	Traceback bool
	// WithoutRequests and WithoutResponses leave out the lines of the HTTP middleware when a
	// request comes in and when it is answered.
	WithoutRequests, WithoutResponses bool
	// Redactor redacts secrets; nil redacts nothing.
	Redactor *redaction.Engine
	// Faults logs the faults of the program's code by this provider; nil means new ones.
	Faults *Faults
}

// An Output is a destination of log records.
type Output struct {
	log.LoggerProvider

	// Level is the output's own minimum level; nil means Options.Levels. A higher level of a
	// module applies too.
	Level slog.Leveler
}

// Provider is a [log.LoggerProvider] that completes each record and passes it to its outputs. It
// is safe for concurrent use. It queues no records, so it needs no shutdown of its own.
type Provider struct {
	embedded.LoggerProvider

	// Owner is the object that the provider is part of. Code that gets the provider from
	// OpenTelemetry's globals finds its owner here. It is set before the provider becomes global.
	Owner any
	// Flush sends what is waiting behind the provider; nil if package bootstrap did not make it.
	Flush func(context.Context) error
	// Tracers and Meters are the providers that were set up with this one and that redact by the
	// same rules; nil if package bootstrap did not make it.
	Tracers trace.TracerProvider
	Meters  metric.MeterProvider

	outputs []Output
	opts    Options
	filter  *filter
	sources logrecord.Cache[*logrecord.Group]
	keys    logrecord.KeyCache
	thread  threadid.Reader
}

var _ log.LoggerProvider = (*Provider)(nil)

// New returns a provider that writes to the outputs.
func New(opts Options, outputs ...Output) *Provider {
	if opts.Levels == nil {
		opts.Levels = NewLevels(nil)
	}
	if opts.Faults == nil {
		opts.Faults = NewFaults(opts.Redactor)
	}
	p := &Provider{outputs: outputs, opts: opts, filter: newFilter(opts)}
	p.keys.Judge = p.judge
	opts.Faults.logs.Store(p)
	if !opts.WithoutThreadID {
		p.thread = threadid.New()
	}
	return p
}

// Redactor returns what takes secrets out of the records; it may be nil.
func (p *Provider) Redactor() *redaction.Engine { return p.opts.Redactor }

// Faults returns what counts and logs the faults of the program's code.
func (p *Provider) Faults() *Faults { return p.opts.Faults }

// Requests reports whether the HTTP middleware logs that a request came in, and that it was
// answered.
func (p *Provider) Requests() (received, answered bool) {
	return !p.opts.WithoutRequests, !p.opts.WithoutResponses
}

// Performance reports whether performance metrics are logged.
func (p *Provider) Performance() bool { return !p.opts.WithoutPerformance }

// Logger returns a logger that writes to every output.
func (p *Provider) Logger(name string, opts ...log.LoggerOption) log.Logger {
	return p.Module(name, opts...)
}

// Module does the same as [Provider.Logger], for callers that do not use the Logs API.
func (p *Provider) Module(name string, opts ...log.LoggerOption) *Logger {
	module := strings.Clone(settings.Module(name)) // Levels and filters use the name before redaction.
	kept, watched := p.filter.keeps(module)
	if !kept {
		return &Logger{provider: p, module: module, watched: watched} // Without outputs it writes no record.
	}
	l := p.unfiltered(name, opts...)
	l.module = module
	return l
}

// unfiltered returns a logger that the filter does not apply to.
func (p *Provider) unfiltered(name string, opts ...log.LoggerOption) *Logger {
	l := &Logger{provider: p, module: name}
	name, opts = p.text(name), p.cleanScope(opts)
	for _, output := range p.outputs {
		o := loggerOutput{Logger: output.Logger(name, opts...), level: output.Level}
		o.writer, _ = o.Logger.(logrecord.Writer)
		l.outputs = append(l.outputs, o)
	}
	return l
}

// cleanScope returns the options of a logger cleaned and redacted. Invalid UTF-8 in a scope would
// make a collector refuse whole requests.
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
	outputs  []loggerOutput
	watched  bool // It has no outputs because the filter does not name its module.
	current  atomic.Pointer[moduleLevel]
}

type loggerOutput struct {
	log.Logger

	writer logrecord.Writer // The Logger, if it reads records directly; else nil.
	level  slog.Leveler
}

var _ log.Logger = (*Logger)(nil)

// Enabled reports whether an output would write a record of the severity.
func (l *Logger) Enabled(ctx context.Context, param log.EnabledParameters) bool {
	return l.enabled(ctx, levelOf(param.Severity))
}

func (l *Logger) enabled(ctx context.Context, level slog.Level) bool {
	if len(l.outputs) == 0 {
		if l.watched {
			l.provider.countOmitted(ctx, l.module, level)
		}
		return false
	}
	module := l.level()
	if level < module.floor {
		return false // The most frequent case.
	}
	least := module.least()
	for i := range l.outputs {
		output := &l.outputs[i]
		if output.passes(level, least) && (output.writer != nil || output.Enabled(ctx, log.EnabledParameters{Severity: severityOf(level)})) {
			return true
		}
	}
	return false
}

// Emit completes the record and passes it to the outputs. It drops records below the level, because
// callers need not call Enabled first. It writes the record even if the context is cancelled.
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

// Write writes a record with the current time. It does not keep the attributes.
func (l *Logger) Write(ctx context.Context, severity log.Severity, message string, source *logrecord.Group, err error, attrs ...attribute.KeyValue) {
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

// wanted reports whether an output writes records of the level.
func (l *Logger) wanted(ctx context.Context, level slog.Level) bool {
	if l.watched {
		l.provider.countOmitted(ctx, l.module, level)
		return false
	}
	least := l.level().least()
	for i := range l.outputs {
		if l.outputs[i].passes(level, least) {
			return true
		}
	}
	return false
}

// write completes a record whose attributes are redacted and passes it to the outputs.
func (l *Logger) write(ctx context.Context, level slog.Level, r *logrecord.Record) {
	if f := l.provider.filter; !f.settled.Load() {
		f.wrote.Store(true)
	}
	least := l.level().least()
	l.send(ctx, r, func(output *loggerOutput) bool { return output.passes(level, least) })
}

// send completes a record and passes it to the outputs that accept it.
func (l *Logger) send(ctx context.Context, r *logrecord.Record, accepts func(*loggerOutput) bool) { //nolint:contextcheck // A nil context is replaced.
	if ctx == nil {
		ctx = context.Background()
	}
	l.provider.complete(ctx, r)
	if l.provider.opts.WithoutIDs {
		ctx = trace.ContextWithSpanContext(ctx, trace.SpanContext{})
	} else {
		r.Span = trace.SpanContextFromContext(ctx)
	}
	for i := range l.outputs {
		switch output := &l.outputs[i]; {
		case !accepts(output):
		case output.writer != nil:
			output.writer.WriteRecord(ctx, r)
		default:
			output.Emit(ctx, r.API())
		}
	}
}

// level returns the level of the module. It is computed again only after a change of the levels.
func (l *Logger) level() *moduleLevel {
	state := l.provider.opts.Levels.state.Load()
	if m := l.current.Load(); m != nil && m.state == state {
		return m
	}
	return l.updateLevel(state)
}

func (l *Logger) updateLevel(state *levelState) *moduleLevel {
	m := &moduleLevel{state: state}
	m.level, m.own = state.of(l.module)
	m.floor = l.floor(m)
	l.current.Store(m)
	return m
}

// floor returns the level below which no output writes a record of the module. It is the lowest
// possible level if a [slog.Leveler] may change.
func (l *Logger) floor(m *moduleLevel) slog.Level {
	floor := slog.Level(math.MaxInt)
	for i := range l.outputs {
		leveler := l.outputs[i].level
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

// passes reports whether the output writes a record of the level.
func (l *loggerOutput) passes(level slog.Level, least least) bool {
	if l.level == nil {
		return level >= least.level
	}
	return level >= l.level.Level() && (!least.own || level >= least.level)
}

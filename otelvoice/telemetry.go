// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"fmt"
	"time"

	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/voice-agents/telemetry/internal/bounded"
	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/internal/metric/metricguard"
	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/otelvoice/internal/otelglobal"
	"github.com/voice-agents/telemetry/pricing"
	"github.com/voice-agents/telemetry/semconv"
)

// ScopeName is the instrumentation scope of the toolkit's spans and metrics.
const ScopeName = "github.com/voice-agents/telemetry/otelvoice"

// Version is the version of the toolkit, as the scope carries it.
const Version = "0.1.0"

// Telemetry starts sessions and operations. [New] returns one on existing providers;
// voicesdk.Setup also sets up the providers. It is safe for concurrent use. Methods on a nil
// Telemetry are no-ops and return no-op values.
type Telemetry struct {
	given      providers
	tracers    trace.TracerProvider
	meters     metric.MeterProvider
	logs       *logpipe.Provider
	propagator propagation.TextMapPropagator

	correlationHeader string
	content           bool // Whether content may be recorded.
	budgets           latency.Budgets
	deadAir           time.Duration // 0 is no bound.
	prices            *pricing.List // Nil is no costs.
	tracePerTurn      bool
	variant           variant        // Of sessions that set none.
	slowTurn          func(SlowTurn) // May be nil.

	emit *emit.Emitter

	sessions      sessions
	heartbeat     heartbeat
	conversations conversations
	ending        *bounded.Once
	opener        opener
}

// New returns telemetry on OpenTelemetry's API. Without options it uses the global providers and
// propagators, including those that are set after New. It starts no goroutine and changes no
// globals. Call [Telemetry.Shutdown] before the providers are shut down.
//
// If no global provider was set before, do not make that of the Telemetry the global meter provider:
// OpenTelemetry's would call itself. A global tracer or logger provider or propagator may be that of
// the Telemetry. Spans and records then go nowhere, and the propagator is W3C's with the correlation
// ID.
//
// The error names each option with an invalid value, the instrument that the meter provider
// refused, or the panic of a provider ([ErrPanic]). The Telemetry is nil then.
func New(opts ...Option) (_ *Telemetry, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("otelvoice: a provider panicked: %w", failure.NewPanic(v))
		}
	}()
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, fmt.Errorf("otelvoice: %w", err)
	}
	t := &Telemetry{
		given:             cfg.given,
		correlationHeader: cfg.correlationHeader, content: cfg.content, budgets: cfg.budgets, tracePerTurn: cfg.tracePerTurn,
		variant: cfg.variant, deadAir: cfg.deadAir,
		prices: cfg.prices, ending: bounded.NewOnce(), slowTurn: cfg.slowTurn,
		propagator: propagation.NewCompositeTextMapPropagator(
			identity.Wrap(propagation.NewCompositeTextMapPropagator(cfg.propagators...)),
			identity.Propagator{Key: cfg.correlationHeader, Current: identity.Correlation}),
	}
	t.opener.tel, t.heartbeat.interval = t, cfg.heartbeat
	own := t.connect(cfg, cfg.given.orGlobal())
	g := guard.New(t.logs.Faults(), t.tracers.Tracer(ScopeName,
		trace.WithInstrumentationVersion(Version), trace.WithSchemaURL(semconv.SchemaURL)))
	t.emit = &emit.Emitter{Guard: g, Log: calllog.New(t.logs, g, Version, cfg.withoutStages)}
	t.emit.Metrics, err = instrument.New(own, t.logs.Redactor(), ScopeName, Version)
	if err == nil && t.logs.Faults().FirstObserver() {
		err = t.emit.Metrics.ObservePanics(t.logs.Faults().Panics)
	}
	if err != nil {
		return nil, fmt.Errorf("otelvoice: %w", err)
	}
	return t, nil
}

// connect wraps the providers, so that they redact and log records get the ids of their context.
// It does not wrap those of package voicesdk, which do both. It returns the meter provider for
// instruments whose attributes are redacted before they are recorded.
func (t *Telemetry) connect(cfg config, of providers) (own metric.MeterProvider) {
	var ready bool
	if t.logs, ready = of.loggers.(*logpipe.Provider); !ready {
		if otelglobal.IsUnset(of.loggers) {
			loggers := &otelglobal.Loggers{}
			of.loggers = loggers
			defer func() { loggers.Own = t.logs }()
		}
		t.logs = newLogs(cfg, of.loggers)
		t.logs.Owner = t
	}
	if otelglobal.IsUnset(of.tracers) {
		tracers := &otelglobal.Tracers{}
		of.tracers = tracers
		defer func() { tracers.Own = t.tracers }()
	}
	r := t.logs.Redactor()
	t.tracers, t.meters, own = of.tracers, of.meters, of.meters
	if guarded, ok := of.meters.(*metricguard.Provider); ok {
		own = guarded.Own()
	}
	if r == nil {
		return own
	}
	if of.tracers != t.logs.Tracers {
		t.tracers = redaction.NewTracerProvider(r, of.tracers)
	}
	if of.meters != t.logs.Meters {
		t.meters = metricguard.New(of.meters, 0).Clean(r)
	}
	return own
}

// newLogs returns a logger provider that wraps the program's.
func newLogs(cfg config, next log.LoggerProvider) *logpipe.Provider {
	r := cfg.redactor()
	faults := logpipe.NewFaults(r)
	return logpipe.New(logpipe.Options{
		Levels: logpipe.NewLevels(cfg.logLevel), WithoutThreadID: true, Redactor: r, Faults: faults,
	}, logpipe.Output{LoggerProvider: faults.Guard(next, "the logger provider")})
}

// TracerProvider returns the provider of tracers.
func (t *Telemetry) TracerProvider() trace.TracerProvider {
	if t == nil {
		return tracenoop.NewTracerProvider()
	}
	return t.tracers
}

// MeterProvider returns the provider of meters.
func (t *Telemetry) MeterProvider() metric.MeterProvider {
	if t == nil {
		return metricnoop.NewMeterProvider()
	}
	return t.meters
}

// LoggerProvider returns the provider of loggers, for log bridges. It applies the level, adds the
// ids of the context, redacts, and passes the record to every output.
func (t *Telemetry) LoggerProvider() log.LoggerProvider {
	if t == nil {
		return logpipe.New(logpipe.Options{}) // Without outputs. Package log/noop would be linked for this alone.
	}
	return t.logs
}

// Propagator returns the propagators, including that of the correlation ID. It injects the same
// headers for every host, including baggage and a correlation ID that a caller chose. For requests
// to vendors use package voicehttp's Transport.
func (t *Telemetry) Propagator() propagation.TextMapPropagator {
	if t == nil {
		return propagation.NewCompositeTextMapPropagator()
	}
	return t.propagator
}

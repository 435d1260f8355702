// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"go.opentelemetry.io/otel/log"
	lognoop "go.opentelemetry.io/otel/log/noop"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/voice-agents/telemetry/internal/instrument"
	"github.com/voice-agents/telemetry/internal/provider"
	"github.com/voice-agents/telemetry/semconv"
)

// ScopeName is the instrumentation scope of the toolkit's spans and metrics.
const ScopeName = "github.com/voice-agents/telemetry/otelvoice"

// Version is the version of the toolkit, as the scope carries it.
const Version = "0.1.0"

// Telemetry is what [Setup] returns: the providers, and the start of sessions
// and operations. It is safe for concurrent use. Methods on a nil Telemetry do
// nothing and return what does nothing.
type Telemetry struct {
	set          *provider.Set
	tracer       trace.Tracer
	metrics      *instrument.Set
	lines        *lines
	tracePerTurn bool

	sessions sessions
	stopped  sync.Once
}

// Setup makes telemetry from the options and the standard OpenTelemetry
// variables. With neither it prints JSON log lines on stdout and tries no
// network. With OTEL_EXPORTER_OTLP_ENDPOINT set it sends spans, metrics and logs
// there as well.
//
// Unless [WithoutGlobals] is given, the providers and propagators become
// OpenTelemetry's globals and [slog.Default] writes through them.
//
// Whatever is wrong with the variables is one error that names each variable,
// its value and what is allowed; nothing has been changed or started then, and
// the nil Telemetry that comes with it may be used and does nothing. A collector
// that cannot be reached is no error: telemetry is never in the way.
func Setup(ctx context.Context, opts ...Option) (*Telemetry, error) {
	cfg := newConfig(opts)
	set, err := provider.New(ctx, cfg.Config)
	if err != nil {
		return nil, fmt.Errorf("otelvoice: %w", err)
	}
	t := &Telemetry{
		set: set,
		tracer: set.Tracers.Tracer(ScopeName,
			trace.WithInstrumentationVersion(Version), trace.WithSchemaURL(semconv.SchemaURL)),
		lines:        newLines(set.Logs, cfg.withoutStages),
		tracePerTurn: cfg.tracePerTurn,
	}
	if t.metrics, err = instrument.New(set.Meters, ScopeName, Version); err == nil {
		err = t.metrics.ObserveDroppedLines(set.Lost)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("otelvoice: %w", err), set.Shutdown(ctx))
	}
	if !cfg.WithoutGlobals {
		set.SetGlobals(Version)
		slog.SetDefault(slog.New(defaultHandler{Handler: t.handler(set.Service), tel: t}))
	}
	return t, nil
}

// TracerProvider returns the provider of tracers.
func (t *Telemetry) TracerProvider() trace.TracerProvider {
	if t == nil {
		return tracenoop.NewTracerProvider()
	}
	return t.set.Tracers
}

// MeterProvider returns the provider of meters.
func (t *Telemetry) MeterProvider() metric.MeterProvider {
	if t == nil {
		return metricnoop.NewMeterProvider()
	}
	return t.set.Meters
}

// LoggerProvider returns the way in for log records, which other bridges may
// use: it applies the level, adds the ids of the context and writes to every
// way out.
func (t *Telemetry) LoggerProvider() log.LoggerProvider {
	if t == nil {
		return lognoop.NewLoggerProvider()
	}
	return t.set.Logs
}

// Propagator returns the propagators, the correlation ID's included.
func (t *Telemetry) Propagator() propagation.TextMapPropagator {
	if t == nil {
		return propagation.NewCompositeTextMapPropagator()
	}
	return t.set.Propagator
}

// ForceFlush sends what is waiting to be sent. It fails when something still waits, and when
// the collector has refused something since the last flush: the error says how much. It is bounded by the deadline of
// ctx or, with none, by [WithShutdownTimeout]. A context that is already
// cancelled flushes all the same.
func (t *Telemetry) ForceFlush(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.set.ForceFlush(ctx)
}

// Shutdown ends the sessions that are still open, sends what is waiting and
// releases what Setup started. It is bounded by the deadline of ctx or, with
// none, by [WithShutdownTimeout], and works with a context that is already
// cancelled, as after Ctrl-C, where the plain SDK loses the tail.
//
// It fails when telemetry was lost: only in memory and not sent, or refused by the collector at
// any time since Setup. Log records after it are counted in [Telemetry.Health].
//
// Only the first call does anything; later ones wait for it and return nil.
// Afterwards everything may still be called: spans and metrics go nowhere, log
// lines still appear on stdout; the log file and syslog are closed, and a line
// for them is lost and counted. Providers that were brought are their owner's to
// shut down.
func (t *Telemetry) Shutdown(ctx context.Context) (err error) {
	if t == nil {
		return nil
	}
	t.stopped.Do(func() {
		t.sessions.endAll()
		err = t.set.Shutdown(ctx)
	})
	return err
}

// sessions is the sessions that are open, so that a shutdown in the middle of
// calls still tells of them.
type sessions struct {
	mu   sync.Mutex
	open map[*Session]struct{}
}

func (s *sessions) add(session *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = make(map[*Session]struct{})
	}
	s.open[session] = struct{}{}
}

func (s *sessions) remove(session *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, session)
}

func (s *sessions) endAll() {
	s.mu.Lock()
	open := make([]*Session, 0, len(s.open))
	for session := range s.open {
		open = append(open, session)
	}
	s.mu.Unlock()
	for _, session := range open {
		session.end(EndShutdown)
	}
}

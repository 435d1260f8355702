// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/log"
	lognoop "go.opentelemetry.io/otel/log/noop"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/voice-agents/telemetry/internal/instrument"
	"github.com/voice-agents/telemetry/internal/logpipe"
)

// ScopeName is the instrumentation scope of the toolkit's spans and metrics.
const ScopeName = "github.com/voice-agents/telemetry/otelvoice"

// Version is the version of the toolkit, as the scope carries it.
const Version = "0.1.0"

// Telemetry is what [Setup] returns: the providers, and the start of sessions
// and operations. It is safe for concurrent use. Methods on a nil Telemetry do
// nothing and return what does nothing.
type Telemetry struct {
	config  config
	tracer  trace.Tracer
	metrics *instrument.Set
	lines   *lines

	tracers     trace.TracerProvider
	meters      metric.MeterProvider
	logs        *logpipe.Provider
	propagator  propagation.TextMapPropagator
	serviceName string

	sessions sessions
	owned    owned
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
	env, err := readEnvironment(cfg.lookup)
	if err != nil {
		return nil, setupError("read the environment", err)
	}
	cfg = cfg.filledFrom(env)
	t, err := build(ctx, cfg, env)
	if err != nil {
		return nil, err
	}
	if !cfg.withoutGlobals {
		t.setGlobals()
	}
	return t, nil
}

func (t *Telemetry) setGlobals() {
	otel.SetTracerProvider(t.tracers)
	otel.SetMeterProvider(t.meters)
	otel.SetLoggerProvider(t.logs)
	otel.SetTextMapPropagator(t.propagator)
	otel.SetErrorHandler(newErrorLog(t.Logger(errorModule)))
	slog.SetDefault(t.Logger(t.serviceName))
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

// LoggerProvider returns the way in for log records, which other bridges may
// use: it applies the level, adds the ids of the context and writes to every
// way out.
func (t *Telemetry) LoggerProvider() log.LoggerProvider {
	if t == nil {
		return lognoop.NewLoggerProvider()
	}
	return t.logs
}

// Propagator returns the propagators, the correlation ID's included.
func (t *Telemetry) Propagator() propagation.TextMapPropagator {
	if t == nil {
		return propagation.NewCompositeTextMapPropagator()
	}
	return t.propagator
}

// ForceFlush sends what is waiting to be sent. It is bounded by the deadline of
// ctx or, with none, by [WithShutdownTimeout]. A context that is already
// cancelled flushes all the same.
func (t *Telemetry) ForceFlush(ctx context.Context) error {
	if t == nil {
		return nil
	}
	ctx, cancel := t.bounded(ctx)
	defer cancel()
	return t.owned.flush(ctx)
}

// Shutdown ends the sessions that are still open, sends what is waiting and
// releases what Setup started. It is bounded by the deadline of ctx or, with
// none, by [WithShutdownTimeout], and works with a context that is already
// cancelled, as after Ctrl-C, where the plain SDK loses the tail.
//
// Only the first call does anything; later ones wait for it and return nil.
// Afterwards everything may still be called: spans and metrics go nowhere, log
// lines still appear on stdout. Providers that were brought are their owner's to
// shut down.
func (t *Telemetry) Shutdown(ctx context.Context) (err error) {
	if t == nil {
		return nil
	}
	t.stopped.Do(func() {
		ctx, cancel := t.bounded(ctx)
		defer cancel()
		t.sessions.endAll()
		err = t.owned.shutdown(ctx)
	})
	return err
}

// bounded returns a context for work that must be done whether or not the
// caller's was cancelled, but in bounded time.
func (t *Telemetry) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx == nil {
		ctx = context.Background()
	}
	deadline, ok := ctx.Deadline()
	if !ok || time.Until(deadline) <= 0 {
		deadline = time.Now().Add(t.config.timeout)
	}
	return context.WithDeadline(context.WithoutCancel(ctx), deadline)
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

// owned is what Setup made and Shutdown releases.
type owned struct {
	signals []lifecycle // Tracers and loggers.
	metrics lifecycle   // May be nil.
}

// lifecycle is what the SDK's providers have in common.
type lifecycle interface {
	ForceFlush(ctx context.Context) error
	Shutdown(ctx context.Context) error
}

func (o owned) flush(ctx context.Context) error {
	return o.each(ctx, lifecycle.ForceFlush)
}

func (o owned) shutdown(ctx context.Context) error {
	return o.each(ctx, lifecycle.Shutdown)
}

// each does it to spans and logs side by side, then to metrics, which tell what
// the others lost at the end. A collector that hangs gets two thirds of the time
// for the first, so that something is left for the metrics.
func (o owned) each(ctx context.Context, do func(lifecycle, context.Context) error) error {
	first := ctx
	if deadline, ok := ctx.Deadline(); ok && o.metrics != nil {
		var cancel context.CancelFunc
		first, cancel = context.WithTimeout(ctx, time.Until(deadline)*2/3)
		defer cancel()
	}
	errs := make([]error, len(o.signals), len(o.signals)+1)
	var wg sync.WaitGroup
	for i, signal := range o.signals {
		wg.Go(func() { errs[i] = do(signal, first) })
	}
	wg.Wait()
	if o.metrics != nil {
		errs = append(errs, do(o.metrics, ctx))
	}
	return errors.Join(errs...)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"go.opentelemetry.io/otel/log"
	lognoop "go.opentelemetry.io/otel/log/noop"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/voice-agents/telemetry/internal/bootstrap"
	"github.com/voice-agents/telemetry/internal/instrument"
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
	set          *bootstrap.Set
	guard        *guard
	metrics      *instrument.Set
	lines        *lines
	tracePerTurn bool

	sessions      sessions
	conversations conversations

	asked   atomic.Bool   // Shutdown was called, and not only by a signal.
	begun   atomic.Bool   // The shutdown has begun,
	stopped chan struct{} // and it is over, with
	stopErr error
	signals *signalWatch // Nil unless asked for.
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
	set, err := bootstrap.New(ctx, cfg.Config)
	if err != nil {
		return nil, fmt.Errorf("otelvoice: %w", err)
	}
	t := &Telemetry{
		set: set,
		guard: newGuard(set, set.Tracers.Tracer(ScopeName,
			trace.WithInstrumentationVersion(Version), trace.WithSchemaURL(semconv.SchemaURL))),
		tracePerTurn: cfg.tracePerTurn,
		stopped:      make(chan struct{}),
	}
	t.lines = newLines(set.Logs, t.guard, cfg.withoutStages)
	if t.metrics, err = instrument.New(set.OwnMeters, set.Redactor, ScopeName, Version); err == nil {
		err = errors.Join(t.metrics.ObserveDroppedLines(set.Lost), t.metrics.ObservePanics(set.Panics))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("otelvoice: %w", err), set.Shutdown(ctx))
	}
	if !cfg.WithoutGlobals {
		set.Logs.Owner = t
		set.SetGlobals(Version)
		slog.SetDefault(slog.New(t.handler(set.Service)))
	}
	if cfg.shutdownOnSignal {
		t.signals = watchSignals(t.shutdownOnSignal)
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

// Propagator returns the propagators, the correlation ID's included. It knows no hosts: what it
// injects is the same for all, the correlation ID that a caller chose and baggage included. For
// requests to vendors use package voicehttp's Transport.
func (t *Telemetry) Propagator() propagation.TextMapPropagator {
	if t == nil {
		return propagation.NewCompositeTextMapPropagator()
	}
	return t.set.Propagator
}

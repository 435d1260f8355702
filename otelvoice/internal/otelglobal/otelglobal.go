// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otelglobal stands for global providers and a global propagator that are not set yet.
//
// OpenTelemetry's own stand-ins pass calls on to those that are set later. If the program sets those
// of a Telemetry, whose calls would come back to it, the stand-ins recurse or deadlock. Those of this
// package do not: spans and records then go nowhere, and the propagator is W3C's.
package otelglobal

import (
	"context"
	"reflect"
	"sync/atomic"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/log"
	logembedded "go.opentelemetry.io/otel/log/embedded"
	lognoop "go.opentelemetry.io/otel/log/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
)

// IsUnset reports whether a global provider or propagator is OpenTelemetry's stand-in.
func IsUnset(global any) bool {
	of := reflect.TypeOf(global)
	return of != nil && of.Kind() == reflect.Pointer && of.Elem().PkgPath() == "go.opentelemetry.io/otel/internal/global"
}

// Propagator is the global propagator. The zero value is ready to use.
type Propagator struct{ inFields atomic.Bool }

// inGlobal is the key of a context in which the global propagator is being called.
type inGlobal struct{}

func w3c() propagation.TextMapPropagator {
	return propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})
}

// Inject writes what the global propagator writes.
func (*Propagator) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	if ctx.Value(inGlobal{}) != nil {
		w3c().Inject(ctx, carrier)
		return
	}
	otel.GetTextMapPropagator().Inject(context.WithValue(ctx, inGlobal{}, true), carrier)
}

// Extract reads what the global propagator reads.
func (*Propagator) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	if ctx.Value(inGlobal{}) != nil {
		return w3c().Extract(ctx, carrier)
	}
	return outsideGlobal{otel.GetTextMapPropagator().Extract(context.WithValue(ctx, inGlobal{}, true), carrier)}
}

// Fields returns the keys of the global propagator. Calls at the same time may get those of W3C's.
func (g *Propagator) Fields() []string {
	if g.inFields.Swap(true) {
		return w3c().Fields()
	}
	defer g.inFields.Store(false)
	return otel.GetTextMapPropagator().Fields()
}

// outsideGlobal is a context that Extract returns.
type outsideGlobal struct{ context.Context }

// Value returns the value of a key other than inGlobal.
func (c outsideGlobal) Value(key any) any {
	if _, ok := key.(inGlobal); ok {
		return nil
	}
	return c.Context.Value(key)
}

// Tracers is the global provider of tracers. It is read when a span starts, and not when a
// tracer is made: that may happen while the global provider is being set, under its lock.
type Tracers struct {
	embedded.TracerProvider

	// Own is the provider that passes calls on to this one. It may be the global one.
	Own trace.TracerProvider
}

// Tracer returns a tracer that finds its provider with its first span.
func (p *Tracers) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	return &tracer{provider: p, name: name, opts: opts}
}

type tracer struct {
	embedded.Tracer

	provider *Tracers
	name     string
	opts     []trace.TracerOption
	found    atomic.Pointer[trace.Tracer]
}

// Start starts a span.
func (t *tracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	if found := t.found.Load(); found != nil {
		return (*found).Start(ctx, name, opts...)
	}
	global := otel.GetTracerProvider()
	if global == t.provider.Own {
		return tracenoop.NewTracerProvider().Tracer(t.name).Start(ctx, name, opts...)
	}
	found := global.Tracer(t.name, t.opts...)
	t.found.Store(&found)
	return found.Start(ctx, name, opts...)
}

// Loggers is the global provider of loggers. It is read with the first record of a logger.
type Loggers struct {
	logembedded.LoggerProvider

	// Own is the provider that passes records on to this one. It may be the global one.
	Own log.LoggerProvider
}

// Logger returns a logger that finds its provider with its first record.
func (p *Loggers) Logger(name string, opts ...log.LoggerOption) log.Logger {
	return &logger{provider: p, name: name, opts: opts}
}

type logger struct {
	logembedded.Logger

	provider *Loggers
	name     string
	opts     []log.LoggerOption
	found    atomic.Pointer[log.Logger]
}

func (l *logger) global() log.Logger {
	if found := l.found.Load(); found != nil {
		return *found
	}
	global := otel.GetLoggerProvider()
	if global == l.provider.Own {
		return lognoop.Logger{}
	}
	found := global.Logger(l.name, l.opts...)
	l.found.Store(&found)
	return found
}

// Enabled asks the global provider.
func (l *logger) Enabled(ctx context.Context, param log.EnabledParameters) bool {
	return l.global().Enabled(ctx, param)
}

// Emit passes the record to the global provider.
func (l *logger) Emit(ctx context.Context, record log.Record) { l.global().Emit(ctx, record) }

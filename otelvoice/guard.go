// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/voice-agents/telemetry/internal/bounded"
	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// guard calls code that the program supplies: providers, processors, samplers, log outputs and
// observers of turns. It recovers their panics, so that they do not end a phone call.
//
// During Shutdown each call into that code is also limited in time, so that the spans of open
// sessions are ended and exported even if a processor or an output hangs. At other times calls
// are not limited: a goroutine for each span and log line would cost more than the span.
type guard struct {
	faults   *logpipe.Faults
	tracer   trace.Tracer
	underway underway

	closing                 atomic.Bool  // Calls are bounded.
	patience                atomic.Int64 // How long to wait for the first call that hangs.
	droppedLines            atomic.Int64
	spans, lines, observers *bounded.Component
}

func newGuard(faults *logpipe.Faults, tracer trace.Tracer) *guard {
	return &guard{
		faults: faults, tracer: tracer,
		underway:  underway{idle: make(chan struct{}, 1)},
		spans:     bounded.New("the end of a span (a span processor or its exporter)"),
		lines:     bounded.New("a log line (a log processor, its exporter or an output)"),
		observers: bounded.New(turnObserver),
	}
}

// The names of components in the log lines about their panics.
const (
	tracerOrSampler = "the tracer provider, its sampler or a span processor"
	spanEnd         = "a span processor at the end of a span"
	logOutput       = "a log processor or output"
	turnObserver    = "an observer of turns (OnTurn)"
	instruments     = "the meter provider"
)

const (
	// maxPatience is how long Shutdown waits for the first call that hangs.
	maxPatience = 200 * time.Millisecond
	// impatience is how long it waits for later calls: there may be hundreds of spans to end.
	impatience = 5 * time.Millisecond
)

// bound starts limiting calls. The first call that hangs may use a quarter of total.
func (g *guard) bound(total time.Duration) {
	g.patience.Store(int64(min(maxPatience, total/4)))
	g.closing.Store(true)
}

// unbound stops limiting calls.
func (g *guard) unbound() { g.closing.Store(false) }

// briefly calls a function that may hang and stops waiting for it after the limit.
// [underway.wait] still waits for it, and the error of Shutdown names the component.
func (g *guard) briefly(component *bounded.Component, call func()) {
	wait := time.Duration(g.patience.Load())
	if component.Hanging() > 0 {
		wait = min(wait, impatience)
	}
	generation := g.underway.enter()
	component.Within(wait, func() {
		defer g.underway.leave(generation)
		call()
	})
}

// recovered is deferred. It recovers a panic of the program's code, and counts and logs it.
func (g *guard) recovered(component string) {
	if v := recover(); v != nil {
		g.faults.Recovered(component, v)
	}
}

// start starts a span. If the provider, its sampler or a processor panics, start returns a span
// of the trace in ctx that records nothing.
func (g *guard) start(ctx context.Context, name string, opts ...trace.SpanStartOption) (within context.Context, span trace.Span) {
	defer func() {
		if v := recover(); v != nil {
			g.faults.Recovered(tracerOrSampler, v)
			within, span = tracenoop.NewTracerProvider().Tracer(ScopeName).Start(ctx, name)
		}
	}()
	return g.tracer.Start(ctx, name, opts...)
}

// end ends a span.
func (g *guard) end(span trace.Span, at time.Time) {
	if g.closing.Load() {
		g.endBriefly(span, at)
		return
	}
	g.endNow(span, at)
}

func (g *guard) endNow(span trace.Span, at time.Time) {
	defer g.recovered(spanEnd)
	span.End(trace.WithTimestamp(at))
}

func (g *guard) endBriefly(span trace.Span, at time.Time) {
	g.briefly(g.spans, func() { g.endNow(span, at) })
}

// observe calls the function that an observer returned for the end of a turn.
func (g *guard) observe(end func()) {
	if !g.closing.Load() {
		g.observeNow(end)
		return
	}
	g.briefly(g.observers, func() { g.observeNow(end) })
}

func (g *guard) observeNow(end func()) {
	defer g.recovered(turnObserver)
	end()
}

// observeStart calls an observer when a turn starts.
func (g *guard) observeStart(observe func(*Turn) (end func()), turn *Turn) (end func()) {
	defer g.recovered(turnObserver)
	return observe(turn)
}

// enabled reports whether the logger writes lines of the level.
func (g *guard) enabled(ctx context.Context, logger *logpipe.Logger, level log.Severity) bool {
	defer g.recovered(logOutput)
	return logger.Enabled(ctx, log.EnabledParameters{Severity: level})
}

// write writes a log line. It does not retain attrs.
func (g *guard) write(ctx context.Context, logger *logpipe.Logger, level log.Severity, message string, source *logrecord.Group, err error, attrs []attribute.KeyValue) {
	if g.closing.Load() {
		g.writeBriefly(ctx, logger, level, message, source, err, slices.Clone(attrs))
		return
	}
	g.writeNow(ctx, logger, level, message, source, err, attrs)
}

func (g *guard) writeNow(ctx context.Context, logger *logpipe.Logger, level log.Severity, message string, source *logrecord.Group, err error, attrs []attribute.KeyValue) {
	defer g.recovered(logOutput)
	logger.Write(ctx, level, message, source, err, attrs...)
}

// maxHangingLines is how many writes of log lines may hang at a time. Sessions that continue
// during a shutdown may log a lot.
const maxHangingLines = 100

// writeBriefly drops the line while maxHangingLines earlier writes hang.
func (g *guard) writeBriefly(ctx context.Context, logger *logpipe.Logger, level log.Severity, message string, source *logrecord.Group, err error, attrs []attribute.KeyValue) {
	if g.lines.Hanging() >= maxHangingLines {
		g.droppedLines.Add(1)
		return
	}
	g.briefly(g.lines, func() { g.writeNow(ctx, logger, level, message, source, err, attrs) })
}

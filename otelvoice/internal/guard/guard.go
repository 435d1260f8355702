// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package guard calls the code that the program supplies, recovers its panics, and limits the time
// of these calls during Shutdown.
package guard

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

// Guard calls code that the program supplies: providers, processors, samplers, log outputs and
// observers of turns. It recovers their panics, so that they do not end a phone call.
//
// During Shutdown each call into that code is also limited in time, so that the spans of open
// sessions are ended and exported even if a processor or an output hangs. At other times calls
// are not limited: a goroutine for each span and log line would cost more than the span.
type Guard struct {
	// Underway counts the calls that start or end a session, turn, stage or operation.
	Underway Underway

	faults *logpipe.Faults
	tracer trace.Tracer

	closing                 atomic.Bool  // Calls are bounded.
	patience                atomic.Int64 // How long to wait for the first call that hangs.
	droppedLines            atomic.Int64
	spans, lines, observers *bounded.Component
}

// New returns a guard that starts spans with the tracer and counts panics in faults.
func New(faults *logpipe.Faults, tracer trace.Tracer) *Guard {
	return &Guard{
		Underway: Underway{idle: make(chan struct{}, 1)},
		faults:   faults, tracer: tracer,
		spans:     bounded.New("the end of a span (a span processor or its exporter)"),
		lines:     bounded.New("a log line (a log processor, its exporter or an output)"),
		observers: bounded.New(Observer),
	}
}

// The names of components in the log lines about their panics.
const (
	Instruments     = "the meter provider"
	Observer        = "an observer of turns (OnTurn)"
	SlowTurn        = "a function for slow turns (OnSlowTurn, WithSlowTurn)"
	SessionEnd      = "the end of a session"
	StreamFunctions = "a function of WithAnswer or WithUsage, or a method of a chunk"

	tracerOrSampler = "the tracer provider, its sampler or a span processor"
	spanEnd         = "a span processor at the end of a span"
	logOutput       = "a log processor or output"
)

const (
	// maxPatience is how long Shutdown waits for the first call that hangs.
	maxPatience = 200 * time.Millisecond
	// impatience is how long it waits for later calls: there may be hundreds of spans to end.
	impatience = 5 * time.Millisecond
)

// Bound starts limiting calls. The first call that hangs may use a quarter of total.
func (g *Guard) Bound(total time.Duration) {
	g.patience.Store(int64(min(maxPatience, total/4)))
	g.closing.Store(true)
}

// Unbound stops limiting calls.
func (g *Guard) Unbound() { g.closing.Store(false) }

// Closing reports whether calls are limited.
func (g *Guard) Closing() bool { return g.closing.Load() }

// briefly calls a function that may hang and stops waiting for it after the limit.
// [Underway.Wait] still waits for it, and the error of Shutdown names the component.
func (g *Guard) briefly(component *bounded.Component, call func()) {
	wait := time.Duration(g.patience.Load())
	if component.Hanging() > 0 {
		wait = min(wait, impatience)
	}
	generation := g.Underway.Enter()
	component.Within(wait, func() {
		defer g.Underway.Leave(generation)
		call()
	})
}

// Recovered is deferred. It recovers a panic of the program's code, and counts and logs it.
func (g *Guard) Recovered(component string) {
	if v := recover(); v != nil {
		g.faults.Recovered(component, v)
	}
}

// Start starts a span. If the provider, its sampler or a processor panics, Start returns a span
// of the trace in ctx that records nothing.
func (g *Guard) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (within context.Context, span trace.Span) {
	defer func() {
		if v := recover(); v != nil {
			g.faults.Recovered(tracerOrSampler, v)
			within, span = tracenoop.NewTracerProvider().Tracer("").Start(ctx, name)
		}
	}()
	return g.tracer.Start(ctx, name, opts...)
}

// End ends a span.
func (g *Guard) End(span trace.Span, at time.Time) {
	if g.closing.Load() {
		g.endBriefly(span, at)
		return
	}
	g.endNow(span, at)
}

func (g *Guard) endNow(span trace.Span, at time.Time) {
	defer g.Recovered(spanEnd)
	span.End(trace.WithTimestamp(at))
}

func (g *Guard) endBriefly(span trace.Span, at time.Time) {
	g.briefly(g.spans, func() { g.endNow(span, at) })
}

// Observe calls the function that an observer returned for the end of a turn.
func (g *Guard) Observe(end func()) {
	if !g.closing.Load() {
		g.observeNow(end)
		return
	}
	g.briefly(g.observers, func() { g.observeNow(end) })
}

func (g *Guard) observeNow(end func()) {
	defer g.Recovered(Observer)
	end()
}

// Enabled reports whether the logger writes lines of the level.
func (g *Guard) Enabled(ctx context.Context, logger *logpipe.Logger, level log.Severity) bool {
	defer g.Recovered(logOutput)
	return logger.Enabled(ctx, log.EnabledParameters{Severity: level})
}

// Write writes a log line. It does not retain attrs.
func (g *Guard) Write(ctx context.Context, logger *logpipe.Logger, level log.Severity, message string, source *logrecord.Group, err error, attrs []attribute.KeyValue) {
	if g.closing.Load() {
		g.writeBriefly(ctx, logger, level, message, source, err, slices.Clone(attrs))
		return
	}
	g.writeNow(ctx, logger, level, message, source, err, attrs)
}

func (g *Guard) writeNow(ctx context.Context, logger *logpipe.Logger, level log.Severity, message string, source *logrecord.Group, err error, attrs []attribute.KeyValue) {
	defer g.Recovered(logOutput)
	logger.Write(ctx, level, message, source, err, attrs...)
}

// maxHangingLines is how many writes of log lines may hang at a time. Sessions that continue
// during a shutdown may log a lot.
const maxHangingLines = 100

// writeBriefly drops the line while maxHangingLines earlier writes hang.
func (g *Guard) writeBriefly(ctx context.Context, logger *logpipe.Logger, level log.Severity, message string, source *logrecord.Group, err error, attrs []attribute.KeyValue) {
	if g.lines.Hanging() >= maxHangingLines {
		g.droppedLines.Add(1)
		return
	}
	g.briefly(g.lines, func() { g.writeNow(ctx, logger, level, message, source, err, attrs) })
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/correlation"
	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/instrument"
	"github.com/voice-agents/telemetry/semconv"
)

// An Operation is any timed piece of work that is not a stage: a look-up, a
// warm-up, a call to a booking system. It is a span under the one in its
// context, and a line when it ends. It is safe for concurrent use, and methods
// on a nil Operation do nothing.
type Operation struct {
	tel    *Telemetry
	name   string
	ctx    context.Context //nolint:containedctx // The caller's, to read the cause of a cancellation.
	record context.Context //nolint:containedctx // The same, never cancelled.
	span   trace.Span
	start  time.Time
	logged []attribute.KeyValue // What the lines have beside the rest.
	ended  atomic.Bool
}

// StartOperation starts an operation. The name is a dimension of a metric: it
// must be one of few, "load menu" and not "load menu 4711".
func (t *Telemetry) StartOperation(ctx context.Context, name string, opts ...OperationOption) (context.Context, *Operation) {
	if ctx == nil {
		ctx = context.Background()
	}
	if t == nil {
		return ctx, nil
	}
	defer t.guard.underway.leave(t.guard.underway.enter())
	cfg := newOperationConfig(opts)
	o := &Operation{tel: t, name: name, start: cfg.startTime(), logged: cfg.logged}
	ids := identity.FromContext(ctx)
	ctx, o.span = t.guard.start(ctx, semconv.SpanOperation(name),
		trace.WithTimestamp(o.start),
		trace.WithAttributes(append(cfg.attributes, semconv.VoiceOperationName(name))...))
	ids.CorrelationID, ids.Chosen = t.correlationID(ctx)
	if ids.RequestID == "" {
		ids.RequestID = identity.RequestID(o.span.SpanContext().SpanID())
	}
	ctx = correlation.WithoutSeed(identity.NewContext(t.Context(ctx), ids))
	o.ctx, o.record = ctx, &lasting{ctx}
	if o.span.IsRecording() {
		o.span.SetAttributes(semconv.VoiceCorrelationID(ids.CorrelationID))
		if ids.SessionID != "" {
			o.span.SetAttributes(semconv.SessionID(ids.SessionID), semconv.GenAIConversationID(ids.SessionID))
		}
		if ids.TurnID != "" {
			o.span.SetAttributes(semconv.VoiceTurnID(ids.TurnID))
		}
	}
	t.lines.operation(o, levelDebug, "started", nil, semconv.VoicePhase(semconv.VoicePhaseOperationStart))
	return ctx, o
}

// SetAttributes adds attributes to the operation's span.
func (o *Operation) SetAttributes(attrs ...attribute.KeyValue) {
	if o != nil {
		o.span.SetAttributes(attrs...)
	}
}

// End ends the operation with its error, if any. Only the first End counts.
// Deferred, it records a panic as the error and lets it go on.
func (o *Operation) End(err error) {
	if r := recover(); r != nil {
		o.end(failure.NewPanic(r))
		panic(r)
	}
	o.end(err)
}

func (o *Operation) end(err error) {
	if o == nil || o.ended.Swap(true) {
		return
	}
	g := o.tel.guard
	defer g.underway.leave(g.underway.enter())
	defer g.recovered(instruments)
	now := time.Now()
	defer g.end(o.span, now)
	outcome := outcomeOf(o.ctx, err)
	if outcome != Failed {
		err = nil
	}
	seconds := now.Sub(o.start).Seconds()
	o.tel.metrics.OperationEnded(o.record, instrument.Operation{
		Name: o.name, Outcome: string(outcome), ErrorType: failure.Type(err),
	}, seconds)
	if o.span.IsRecording() {
		o.span.SetAttributes(semconv.VoiceOperationOutcome(string(outcome)))
		if err != nil {
			o.span.SetAttributes(semconv.ErrorType(failure.Type(err)))
			o.span.SetStatus(codes.Error, failure.Message(err))
		}
	}
	o.tel.lines.operation(o, levelFor(outcome), string(outcome), err,
		semconv.VoicePhase(semconv.VoicePhaseOperationEnd),
		semconv.VoiceOperationOutcome(string(outcome)),
		semconv.VoiceDuration(seconds),
		ended(seconds, outcome, 0))
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
	"github.com/voice-agents/telemetry/otelvoice/internal/outcome"
	"github.com/voice-agents/telemetry/semconv"
)

// An Operation is a timed piece of work that is not a stage: a look-up, a warm-up, a call to a
// booking system. It has a span under the span in its context, a log line when it starts (at
// DEBUG) and one when it ends. All have its attributes. It is safe for concurrent use, and methods
// on a nil Operation do nothing.
type Operation struct {
	tel    *Telemetry
	name   string
	ctx    context.Context //nolint:containedctx // The caller's, to read the cause of a cancellation.
	record context.Context //nolint:containedctx // The same, never cancelled.
	span   trace.Span
	start  time.Time
	ended  atomic.Bool

	mu    sync.Mutex
	attrs []attribute.KeyValue // The caller's, for the log lines.
}

// StartOperation starts an operation. The name is a dimension of a metric and must have few
// values: "load menu", not "load menu 4711".
func (t *Telemetry) StartOperation(ctx context.Context, name string, opts ...OperationOption) (context.Context, *Operation) {
	if ctx == nil {
		ctx = context.Background()
	}
	if t == nil {
		return ctx, nil
	}
	defer t.emit.Guard.Underway.Leave(t.emit.Guard.Underway.Enter())
	cfg := newOperationConfig(opts)
	o := &Operation{tel: t, name: name, start: t.emit.StartTime(ctx, cfg.start, emit.LongestCall), attrs: cleantext.Clone(cfg.attributes)}
	ids := identity.FromContext(ctx)
	ctx, o.span = t.emit.Guard.Start(ctx, semconv.SpanOperation(name),
		trace.WithTimestamp(o.start),
		trace.WithAttributes(append(o.attributes(), semconv.VoiceOperationName(name))...))
	ids.CorrelationID, ids.Chosen = t.correlationID(ctx)
	if ids.RequestID == "" {
		ids.RequestID = identity.RequestID(o.span.SpanContext().SpanID())
	}
	ctx = identity.WithoutSeed(identity.NewContext(t.Context(ctx), ids))
	o.ctx, o.record = ctx, &emit.Uncancelled{Context: ctx}
	if o.span.IsRecording() {
		o.span.SetAttributes(semconv.VoiceCorrelationID(ids.CorrelationID))
		if ids.SessionID != "" {
			o.span.SetAttributes(semconv.SessionID(ids.SessionID), semconv.GenAIConversationID(ids.SessionID))
		}
		if ids.TurnID != "" {
			o.span.SetAttributes(semconv.VoiceTurnID(ids.TurnID))
		}
	}
	t.emit.Log.Operation(o.record, o.name, calllog.Debug, "started", nil, o.attributes(), semconv.VoicePhase(semconv.VoicePhaseOperationStart))
	return ctx, o
}

// SetAttributes adds attributes to the operation's span and to its end line. The following are
// also added to the line's performance_metrics: audio_size (or audio_size_bytes,
// voice.audio.size), with the throughput computed from it, text_length and confidence.
func (o *Operation) SetAttributes(attrs ...attribute.KeyValue) {
	if o == nil || o.ended.Load() {
		return
	}
	o.span.SetAttributes(attrs...)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.attrs = emit.SetBounded(o.attrs, cleantext.Clone(attrs))
}

// attributes returns a copy of the caller's attributes, with capacity for those of a log line.
func (o *Operation) attributes() []attribute.KeyValue {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append(make([]attribute.KeyValue, 0, len(o.attrs)+6), o.attrs...)
}

// End ends the operation with its error, if any. Only the first End counts. A deferred End
// records a panic as the error and panics again.
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
	g := o.tel.emit.Guard
	defer g.Underway.Leave(g.Underway.Enter())
	defer g.Recovered(guard.Instruments)
	now := time.Now()
	defer g.End(o.span, now)
	ended, err := outcome.Of(o.ctx, err)
	if ended != outcome.Failed {
		err = nil
	}
	seconds := now.Sub(o.start).Seconds()
	o.tel.emit.Metrics.OperationEnded(o.record, instrument.Operation{
		Name: o.name, Outcome: instrument.Outcome(ended), ErrorType: failure.Type(err),
	}, seconds)
	if o.span.IsRecording() {
		o.span.SetAttributes(semconv.VoiceOperationOutcome(string(ended)))
		if err != nil {
			o.span.SetAttributes(semconv.ErrorType(failure.Type(err)))
			o.span.SetStatus(codes.Error, failure.Message(err))
		}
	}
	attrs := o.attributes()
	o.tel.emit.Log.Operation(o.record, o.name, calllog.LevelFor(ended), string(ended), err, attrs,
		semconv.VoicePhase(semconv.VoicePhaseOperationEnd),
		semconv.VoiceOperationOutcome(string(ended)),
		semconv.VoiceDuration(seconds),
		calllog.OperationFigures(seconds, ended, attrs))
}

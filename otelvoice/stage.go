// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/instrument"
	"github.com/voice-agents/telemetry/internal/resend"
	"github.com/voice-agents/telemetry/otelvoice/internal/outcome"
	"github.com/voice-agents/telemetry/semconv"
)

// stage is the common part of STT, LLM, TTS and Tool: a span under the turn, a start time and
// exactly one end. Each kind adds its own measurements with its report function.
type stage struct {
	turn      *Turn
	owner     any    // The *LLM, *STT, *TTS or *Tool that the stage is of.
	kind      string // One of the values of voice.stage.
	operation string // gen_ai.operation.name
	model     Model
	tool      string          // gen_ai.tool.name, of a tool.
	ctx       context.Context //nolint:containedctx // The work, below the caller's, to read the cause of a cancellation.
	record    context.Context //nolint:containedctx // The same, never cancelled, for recording.
	work      stageContext    // The value of ctx.
	recording uncancelled     // The value of record.
	span      trace.Span
	start     time.Time
	number    int // In the turn, from 1.
	// report appends the attributes of the kind and records its metrics. It is called once,
	// under mu.
	report func(end stageEnd, meter *instrument.StageMeter, attrs []attribute.KeyValue) []attribute.KeyValue

	resends resend.Log // Requests that the transport of voicehttp sent again.

	mu          sync.Mutex
	over        ending
	interrupted bool // A barge-in came while the stage was open.
	waits       waits
	language    string
	requests    []string
	attrs       []attribute.KeyValue
	seen        []attribute.KeyValue // Observed by the transport of voicehttp.
	isFilled    bool                 // A request fills the stage.
}

// stageEnd is how and when a stage ended.
type stageEnd struct {
	at      time.Time
	outcome Outcome
	err     error // The error of a failed stage.
	stopErr error // The error of an interrupted or abandoned stage.
	// interrupted is whether a barge-in came while the stage was open.
	interrupted bool
}

// maxRequestIDs is how many request ids a stage keeps.
const maxRequestIDs = 16

// The kinds of stage spans, as options that are allocated once.
var asClient, asInternal = trace.WithSpanKind(trace.SpanKindClient), trace.WithSpanKind(trace.SpanKindInternal)

// begin starts the stage's span under the turn's.
func (s *stage) begin(ctx context.Context, t *Turn, name string, kind trace.SpanStartOption, opts []StageOption, attrs ...attribute.KeyValue) context.Context {
	g := t.session.tel.guard
	defer g.underway.leave(g.underway.enter())
	late := t.hasEnded()
	cfg := newStageConfig(opts)
	s.turn, s.start, s.attrs = t, t.session.tel.startTime(ctx, cfg), cfg.attributes
	attrs = append(slices.Grow(slices.Clip(attrs), 10), // At most 10 attributes follow.
		semconv.GenAIOperationName(s.operation),
		semconv.VoiceCorrelationID(t.ids.CorrelationID))
	if t.ids.SessionID != "" {
		attrs = append(attrs, semconv.SessionID(t.ids.SessionID), semconv.GenAIConversationID(t.ids.SessionID))
	}
	if !t.isDetached {
		attrs = append(attrs, semconv.VoiceTurnID(t.ids.TurnID), semconv.VoiceTurnIndex(t.index))
	}
	if t.ids.PipelineID != "" {
		attrs = append(attrs, semconv.VoicePipelineID(t.ids.PipelineID))
	}
	if s.model.Provider != "" {
		attrs = append(attrs, semconv.GenAIProviderName(s.model.Provider))
	}
	if s.model.Name != "" {
		attrs = append(attrs, semconv.GenAIRequestModel(s.model.Name))
	}
	if late {
		attrs = append(attrs, semconv.VoiceStartedLate(true))
	}
	ctx, s.span = g.start(within(ctx, t.span), name,
		kind, trace.WithTimestamp(s.start), trace.WithAttributes(attrs...))
	ids := t.ids
	ids.Stage = s.kind
	s.work.stage = s
	s.work.Set(ctx, ids)
	s.recording = uncancelled{&s.work}
	s.ctx, s.record = &s.work, &s.recording
	t.session.tel.lines.stage(s, levelDebug, "started", nil, 0, semconv.VoicePhase(semconv.VoicePhaseStageStart))
	// Last, because other goroutines can use the stage from now on.
	switch missed := t.stageStarted(s); {
	case late:
		lines := t.session.tel.lines
		lines.late(s.record, lines.stages[s.kind], s.kind+" started after its turn had ended")
	case missed: // The turn ended meanwhile without ending this stage.
		s.abandon()
	}
	return s.ctx
}

// end ends the stage once. The caller has handled a panic. pc is the source location of the log
// line, or 0 if it has to be found.
func (s *stage) end(err error, pc uintptr) {
	outcome, err := outcomeOf(s.ctx, err)
	s.finish(outcome, err, pc)
}

// abandon ends the stage when its turn ends first.
func (s *stage) abandon() { s.finish(Abandoned, nil, 0) }

func (s *stage) finish(outcome Outcome, err error, pc uintptr) {
	tel := s.turn.session.tel
	defer tel.guard.underway.leave(tel.guard.underway.enter())
	end := stageEnd{at: time.Now(), outcome: outcome}
	if outcome == Failed {
		end.err = err
	} else {
		end.stopErr = err
	}
	seconds := end.at.Sub(s.start).Seconds()
	attrs, first := s.close(&end)
	if !first {
		return
	}
	err = end.err
	defer tel.guard.end(s.span, end.at)
	// Update the turn before the log line: once the line is written, the turn's End may run.
	s.turn.stageEnded(s, end, attrs)
	if s.span.IsRecording() {
		s.span.SetAttributes(attrs...)
		if err != nil {
			s.span.SetAttributes(semconv.ErrorType(failure.Type(err)))
			s.span.SetStatus(codes.Error, failure.Message(err))
		}
	}
	if level := levelFor(end.outcome); tel.lines.stageEnabled(s, level) {
		tel.lines.stage(s, level, string(end.outcome), err, pc,
			append(attrs,
				semconv.VoicePhase(semconv.VoicePhaseStageEnd),
				semconv.VoiceDuration(seconds),
				ended(seconds, end.outcome, audioSize(attrs)))...)
	}
}

// close marks the stage as ended, records its metrics and returns its attributes, and
// whether it was open.
func (s *stage) close(end *stageEnd) (attrs []attribute.KeyValue, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over.ended() {
		return nil, false
	}
	first = true
	if end.interrupted = s.interrupted; s.interrupted && (end.outcome != Failed || outcome.ClosedHere(end.err)) {
		end.outcome, end.stopErr, end.err = Interrupted, cmp.Or(end.stopErr, end.err), nil
	}
	s.over = ending{at: end.at, outcome: end.outcome}
	tel := s.turn.session.tel
	defer tel.guard.recovered(instruments)
	meter := tel.metrics.Stage(instrument.Stage{
		Kind: instrument.StageKind(s.kind), Operation: s.operation, Outcome: instrument.Outcome(end.outcome),
		Provider: s.model.Provider, Model: s.model.Name, Language: s.language,
		ErrorType: failure.Type(end.err), IsDetached: s.turn.isDetached,
	})
	s.over.meter = meter
	meter.Ended(s.record, s.worked(*end).Seconds())
	attrs = make([]attribute.KeyValue, 0, 24+len(s.attrs))
	attrs = append(attrs, semconv.VoiceStageOutcome(string(end.outcome)))
	attrs = s.report(*end, meter, attrs)
	if held := s.waits.held; held > 0 {
		attrs = append(attrs, semconv.VoiceStageHeldUp(held.Seconds()))
	}
	if len(s.requests) > 0 {
		attrs = append(attrs, semconv.VoiceProviderRequestIDs(s.requests...))
	}
	if n := s.resends.Count(); n > 0 {
		attrs = append(attrs, semconv.VoiceStageResends(n))
		meter.Resent(s.record, int64(n))
	}
	attrs = appendMissing(attrs, s.seen, s.attrs)
	attrs = append(attrs, s.attrs...)
	return attrs, first
}

// appendMissing appends the attributes that neither attrs nor own have.
func appendMissing(attrs, more, own []attribute.KeyValue) []attribute.KeyValue {
	for _, kv := range more {
		isSame := func(had attribute.KeyValue) bool { return had.Key == kv.Key }
		if !slices.ContainsFunc(attrs, isSame) && !slices.ContainsFunc(own, isSame) {
			attrs = append(attrs, kv)
		}
	}
	return attrs
}

// interrupt marks an open stage as interrupted. STT continues during a barge-in.
func (s *stage) interrupt() {
	if s.kind == semconv.VoiceStageSTT {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.interrupted = true
}

// resume reverts interrupt.
func (s *stage) resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.interrupted = false
}

// set calls change under the lock unless the stage has ended, and reports whether it did. So a
// stream that continues after the end of its stage has no effect.
func (s *stage) set(change func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over.ended() {
		return false
	}
	change()
	return true
}

// once sets an instant of the stage to now, unless it is set or the stage has ended, and reports
// whether it did. It reads the clock only in that case.
func (s *stage) once(key attribute.Key, at *time.Time) (now time.Time, first bool) {
	if !s.set(func() {
		if first = at.IsZero(); first {
			now = time.Now()
			*at = now
		}
	}) && s.lacks(at) {
		s.put(key, func() {})
	}
	return now, first
}

// lacks reports whether the stage was ended by its own End and an instant was never set.
func (s *stage) lacks(at *time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return at.IsZero() && s.over.finishedItself()
}

func (s *stage) addRequestID(id string) {
	if id == "" {
		return
	}
	s.put(semconv.VoiceProviderRequestIDsKey, func() { s.keepRequestID(id) })
}

// keepRequestID adds an id. The lock is held.
func (s *stage) keepRequestID(id string) {
	if id != "" && len(s.requests) < maxRequestIDs && !slices.Contains(s.requests, id) {
		s.requests = append(s.requests, id)
	}
}

func (s *stage) addAttributes(attrs []attribute.KeyValue) {
	if len(attrs) > 0 {
		s.put(attrs[0].Key, func() { s.attrs = appendBounded(s.attrs, attrs) })
	}
}

// since returns the seconds from the start of the stage, if they are plausible.
func (s *stage) since(key attribute.Key, at time.Time) (seconds float64, ok bool) {
	if at.IsZero() {
		return 0, false
	}
	d := at.Sub(s.start)
	return d.Seconds(), s.turn.session.tel.plausible(s.record, key, d)
}

// realTimeFactor returns the stage's duration divided by that of its audio.
func (s *stage) realTimeFactor(end stageEnd, audio time.Duration) (factor float64, ok bool) {
	if audio <= 0 {
		return 0, false
	}
	return s.worked(end).Seconds() / audio.Seconds(), true
}

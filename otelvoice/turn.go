// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/semconv"
)

// A Turn is one exchange: the user speaks and the agent answers. It is the span
// voice.turn, the parent of the turn's stages. It is safe for concurrent use,
// and methods on a nil Turn do nothing.
type Turn struct {
	session *Session
	config  turnConfig
	ctx     context.Context //nolint:containedctx // Carries span and ids for what is recorded later; never cancelled.
	work    turnContext     // What the work of the turn has.
	lasting lasting         // What ctx is.
	span    trace.Span
	ids     identity.Identity
	index   int
	start   time.Time

	mu           sync.Mutex
	ended        bool
	marks        marks
	anchor       Anchor
	open         []*stage
	tools        []interval
	failures     map[string]error // The error of each kind's newest stage, if it failed.
	interruption *interruption
	outcome      Outcome // Set by SetOutcome.
	err          error
	attrs        []attribute.KeyValue
	stages       []StageRecord // Those that have ended.
	decided      Outcome       // Once it has ended.
	latency      Latency
	measured     bool
	ends         []func() // Of the session's observers.
}

type interruption struct {
	source   InterruptionSource
	position time.Duration
	known    bool // Whether position is known.
}

// StartTurn starts a turn. Its span is a child of the session's, whatever span
// ctx carries, so that calls are never cross-linked. The context it returns is
// for the work of the turn; [Turn.End] does not cancel it.
//
// A turn started after the session ended is recorded in the session's trace, and only its
// own [Turn.End] ends it. One that is being started while the session ends is ended with
// it, as abandoned.
func (s *Session) StartTurn(ctx context.Context, opts ...TurnOption) (context.Context, *Turn) {
	if ctx == nil {
		ctx = context.Background()
	}
	if s == nil {
		return ctx, nil
	}
	defer s.tel.guard.underway.leave(s.tel.guard.underway.enter())
	cfg := newTurnConfig(opts)
	t := &Turn{session: s, config: cfg, attrs: cfg.attributes}
	late := s.numberTurn(t)
	t.ids = s.ids
	if t.ids.TurnID = cfg.id; t.ids.TurnID == "" {
		t.ids.TurnID = newID("turn_")
	}

	parent := within(ctx, s.span)
	start := []trace.SpanStartOption{
		trace.WithTimestamp(t.start),
		trace.WithAttributes(
			semconv.GenAIOperationName(semconv.GenAIOperationNameInvokeAgent),
			semconv.SessionID(t.ids.SessionID),
			semconv.GenAIConversationID(t.ids.SessionID),
			semconv.VoiceCorrelationID(t.ids.CorrelationID),
			semconv.VoiceTurnID(t.ids.TurnID),
			semconv.VoiceTurnIndex(t.index),
			semconv.VoiceTurnInitiator(cfg.initiator)),
	}
	if t.ids.PipelineID != "" {
		start = append(start, trace.WithAttributes(semconv.VoicePipelineID(t.ids.PipelineID)))
	}
	if s.config.tracePerTurn || s.tel.tracePerTurn {
		start = append(start, trace.WithNewRoot(),
			trace.WithLinks(trace.Link{SpanContext: s.span.SpanContext()}))
	}
	ctx, t.span = s.tel.guard.start(parent, semconv.SpanVoiceTurn, start...)
	if t.ids.RequestID == "" { // No request brought the call: the turn is one.
		t.ids.RequestID = identity.RequestID(t.span.SpanContext().SpanID())
	}
	t.work.turn = t
	t.work.Set(ctx, t.ids)
	t.lasting = lasting{&t.work}
	t.ctx = &t.lasting
	s.tel.lines.turn(t.ctx, levelDebug, "turn started", nil, 0,
		semconv.VoicePhase(semconv.VoicePhaseTurnStart), semconv.VoiceTurnIndex(t.index))
	// Others may see the turn from here on: it has its span, its ids and its context.
	missed := s.turnStarted(t)
	t.observe(s.observed(t))
	if missed && !late { // The session ended meanwhile, and did not see it.
		t.end(Abandoned, nil, 0)
	}
	return &t.work, t
}

// observe keeps what the session's observers want called at the end, and calls it if
// somebody has ended the turn already.
func (t *Turn) observe(ends []func()) {
	t.mu.Lock()
	ended := t.ended
	if !ended {
		t.ends = ends
	}
	t.mu.Unlock()
	if !ended {
		return
	}
	for _, end := range ends {
		t.session.tel.guard.observe(end)
	}
}

// ID returns the turn's id: the caller's, or one like turn_0a1b2c3d4e5f.
func (t *Turn) ID() string {
	if t == nil {
		return ""
	}
	return t.ids.TurnID
}

// Index returns the turn's number in its session, from 1.
func (t *Turn) Index() int {
	if t == nil {
		return 0
	}
	return t.index
}

// Mark records that something happened now. Marks after End are passed over.
func (t *Turn) Mark(mark Mark) { t.MarkAt(mark, time.Time{}) }

// MarkAt records that something happened at a given time; the zero time is now.
// Marks may come in any order and more than once: speech that goes on after a
// pause marks [UserStopped] again.
func (t *Turn) MarkAt(mark Mark, at time.Time) {
	if mark == UserStopped {
		t.UserStopped(at, AnchorManual)
		return
	}
	if t == nil || !mark.valid() {
		return
	}
	at = orNow(at)
	t.mu.Lock()
	ended := t.ended
	if !ended {
		t.marks.add(occurrence{mark, at})
	}
	t.mu.Unlock()
	if !ended {
		addEvent(t.span, mark.String(), at)
	}
}

// UserStopped marks t0, the end of the user's speech, and says how it is known.
// The zero time is now.
func (t *Turn) UserStopped(at time.Time, anchor Anchor) {
	if t == nil {
		return
	}
	at = orNow(at)
	t.mu.Lock()
	ended := t.ended
	if !ended {
		t.marks.add(occurrence{UserStopped, at})
		t.anchor = anchor
	}
	t.mu.Unlock()
	if !ended {
		addEvent(t.span, UserStopped.String(), at, semconv.VoiceTurnAnchor(string(anchor)))
	}
}

// VADStopped marks t0 from a voice activity detector, which reports silence
// only after a hangover of it: t0 is that much earlier. The zero time is now.
func (t *Turn) VADStopped(reported time.Time, hangover time.Duration) {
	t.UserStopped(orNow(reported).Add(-max(hangover, 0)), AnchorVAD)
}

// Interrupt records that the user cut the agent short: the turn's outcome and
// that of the stages still open becomes [Interrupted]. It cancels nothing; the
// agent's own code does that, with [ErrInterrupted] as the cause.
func (t *Turn) Interrupt(source InterruptionSource, opts ...InterruptOption) {
	if t == nil {
		return
	}
	cfg := newInterruptConfig(opts)
	at := orNow(cfg.at)
	t.mu.Lock()
	first := !t.ended && t.interruption == nil
	if first {
		t.interruption = &interruption{source: source, position: cfg.position, known: cfg.positionKnown}
	}
	open := slices.Clone(t.open)
	t.mu.Unlock()
	if !first {
		return
	}
	for _, stage := range open {
		stage.interrupt()
	}
	addEvent(t.span, semconv.EventVoiceInterruption, at, semconv.VoiceInterruptionSource(string(source)))
}

// FalseInterruption records that what seemed a barge-in was none (a cough, an
// "uh-huh") and the agent went on: the turn does not count as interrupted.
func (t *Turn) FalseInterruption() {
	if t == nil {
		return
	}
	t.mu.Lock()
	ended := t.ended
	if !ended {
		t.interruption = nil
	}
	open := slices.Clone(t.open)
	t.mu.Unlock()
	if ended {
		return
	}
	for _, stage := range open {
		stage.resume()
	}
	t.span.AddEvent(semconv.EventVoiceFalseInterruption)
}

// SetAttributes adds attributes to the turn's span when it ends.
func (t *Turn) SetAttributes(attrs ...attribute.KeyValue) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.attrs = appendBounded(t.attrs, attrs)
}

// Fail says that the turn ends in an error.
func (t *Turn) Fail(err error) {
	if t == nil || err == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		t.err = err
	}
}

// SetOutcome overrules the outcome that the turn would be given: interrupted if
// [Turn.Interrupt] was called; failed after [Turn.Fail] or when the newest STT,
// LLM or TTS stage failed (one that a retry made good does not count, nor does
// a tool, whose failure the LLM can talk about); else completed.
func (t *Turn) SetOutcome(outcome Outcome) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.outcome = outcome
}

// Latency returns how long the user waited and where that time went. It is
// known once the turn has ended, and false if the user's end of speech or the
// agent's first audio never was.
func (t *Turn) Latency() (Latency, bool) {
	if t == nil {
		return Latency{}, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.latency
	l.Segments = slices.Clone(l.Segments)
	return l, t.measured
}

// hasEnded reports whether the turn has ended.
func (t *Turn) hasEnded() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ended
}

// stageStarted remembers an open stage. It reports whether it came too late: the turn has
// ended, and does not end it.
func (t *Turn) stageStarted(s *stage) (missed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.ended {
		t.open = append(t.open, s)
	}
	return t.ended
}

// stageEnded forgets a stage and remembers how it ended.
func (t *Turn) stageEnded(s *stage, end stageEnd, record StageRecord) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.stages) < maxOccurrences {
		t.stages = append(t.stages, record)
	}
	if i := slices.Index(t.open, s); i >= 0 {
		t.open = slices.Delete(t.open, i, i+1)
	}
	if s.kind == semconv.VoiceStageTool {
		if len(t.tools) < maxOccurrences {
			t.tools = append(t.tools, interval{s.start, end.at})
		}
		return
	}
	if end.outcome == Failed {
		if t.failures == nil {
			t.failures = make(map[string]error, 1)
		}
		t.failures[s.kind] = end.err
	} else {
		delete(t.failures, s.kind)
	}
}

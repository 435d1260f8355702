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
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/otelvoice/internal/outcome"
	"github.com/voice-agents/telemetry/otelvoice/internal/resend"
	"github.com/voice-agents/telemetry/otelvoice/internal/spend"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/semconv"
)

// A Turn is one exchange: the user speaks and the agent answers. It is the span
// voice.turn, the parent of the turn's stages. It is safe for concurrent use,
// and methods on a nil Turn do nothing.
type Turn struct {
	session   *Session
	config    turnConfig
	ctx       context.Context  //nolint:containedctx // Carries span and ids for recording; never cancelled.
	carried   turnContext      // The context of the turn's work.
	recording emit.Uncancelled // The value of ctx.
	span      trace.Span
	ids       identity.Identity
	index     int
	start     time.Time
	opener    opener
	resends   resend.Log // Requests of stages that the transport of voicehttp opened.
	// isDetached is true if the turn is not recorded: it holds stages outside of a turn.
	isDetached bool

	mu           sync.Mutex
	ended        bool // Marks are no longer accepted.
	recorded     bool // Attributes are no longer accepted.
	byParent     bool // The session ended the turn.
	observed     bool // A tap started the turn, and the program has not claimed it.
	isEnding     bool // The tap ends the observed turn.
	over         overBudget
	marks        latency.Marks
	work         turnWork
	interruption interruption
	account      outcome.Turn // Decides the outcome.
	attrs        []attribute.KeyValue
	decided      Outcome // Empty until the turn has ended.
	latency      Latency
	measured     bool
	ends         []func() // The functions that the session's observers returned.

	slow  slowWatch
	talk  turnTalk
	spent spend.Tally // What its stages cost.
}

// StartTurn starts a turn. Its span is always a child of the session's, even if ctx carries
// another span, so that turns are never in the trace of another call. Use the returned context
// for the work of the turn; [Turn.End] does not cancel it.
//
// A turn that is started after the session ended is recorded in the session's trace with the
// attribute voice.started_late. Only its own [Turn.End] ends it. A warning is logged, once for
// each place in the code. A turn that is being started while the session ends is ended with it,
// as abandoned.
//
// If the taps of package voicews observe the call and have started a turn for what the user says,
// and the agent was not heard in it yet, StartTurn returns that turn. [WithTurnID] and
// [WithStartTime] do not apply to it.
func (s *Session) StartTurn(ctx context.Context, opts ...TurnOption) (context.Context, *Turn) {
	if ctx == nil {
		ctx = context.Background()
	}
	if s == nil {
		return ctx, nil
	}
	defer s.tel.emit.Guard.Underway.Leave(s.tel.emit.Guard.Underway.Enter())
	cfg := newTurnConfig(opts)
	observed := vendorcall.IsObserved(ctx)
	if !observed {
		if claimed, t := s.claimTurn(ctx, &cfg); t != nil {
			return claimed, t
		}
	}
	t := &Turn{session: s, config: cfg, attrs: cfg.attributes, observed: observed}
	late := s.numberTurn(ctx, t)
	t.ids = s.ids
	if t.ids.TurnID = cfg.id; t.ids.TurnID == "" {
		t.ids.TurnID = newID("turn_")
	}

	parent := emit.Within(ctx, s.span)
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
	if late {
		start = append(start, trace.WithAttributes(semconv.VoiceStartedLate(true)))
	}
	ctx, t.span = s.tel.emit.Guard.Start(parent, semconv.SpanVoiceTurn, start...)
	if t.ids.RequestID == "" { // The call did not come by a request: the turn counts as one.
		t.ids.RequestID = identity.RequestID(t.span.SpanContext().SpanID())
	}
	t.opener = opener{s.tel, s, t}
	t.carried.turn = t
	t.carried.Set(ctx, t.ids)
	t.recording = emit.Uncancelled{Context: &t.carried}
	t.ctx = &t.recording
	s.tel.emit.Log.Turn(t.ctx, calllog.Debug, "turn started", nil, 0,
		semconv.VoicePhase(semconv.VoicePhaseTurnStart), semconv.VoiceTurnIndex(t.index))
	// After the span, the ids and the context are set: other goroutines can use the turn from now on.
	missed := s.turnStarted(t)
	t.observe(s.observed(t))
	switch {
	case late:
		s.tel.emit.Log.LateTurn(t.ctx, "turn started after its session had ended")
	case missed: // The session ended meanwhile without ending this turn.
		t.end(Abandoned, nil, 0)
	}
	return &t.carried, t
}

// observe keeps the functions that the session's observers returned until the end of the turn. If
// the turn has ended, it calls them.
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
		t.session.tel.emit.Guard.Observe(end)
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

// Mark records a mark at the current time. A mark after [Turn.End] is not recorded: it is counted
// in voice.measurements.dropped, and a warning is logged, once for each place in the code.
func (t *Turn) Mark(mark Mark) { t.MarkAt(mark, time.Time{}) }

// MarkAt records a mark at a given time. The zero time is now. Marks may be recorded in any order
// and more than once: when the user continues after a pause, [UserStopped] is marked again.
func (t *Turn) MarkAt(mark Mark, at time.Time) {
	if mark == UserStopped {
		t.UserStopped(at, AnchorManual)
		return
	}
	if t == nil || t.isDetached || !latency.Mark(mark).Valid() {
		return
	}
	if at = orNow(at); t.mark(latency.Occurrence{Mark: latency.Mark(mark), At: at}) {
		emit.AddEvent(t.span, mark.String(), at)
	}
}

// UserStopped marks t0, the end of the user's speech, and sets how it was determined.
// The zero time is now. An anchor that is not one of the constants is recorded on the span and
// the end line, cut to 256 bytes, and is _OTHER in metrics.
func (t *Turn) UserStopped(at time.Time, anchor Anchor) {
	if t == nil || t.isDetached {
		return
	}
	anchor = boundText(anchor)
	if at = orNow(at); t.mark(latency.Occurrence{Mark: latency.UserStopped, At: at, Anchor: latency.Anchor(anchor)}) {
		emit.AddEvent(t.span, UserStopped.String(), at, semconv.VoiceTurnAnchor(string(anchor)))
	}
}

// mark adds an occurrence, and reports whether the turn was open.
func (t *Turn) mark(o latency.Occurrence) (inTime bool) {
	watched := t.isWatched(o.Mark)
	return t.change(o.Mark.String(), func() {
		t.marks.Add(o)
		t.watch(watched)
	})
}

// change changes the turn unless it has ended. A later change is counted and logged.
func (t *Turn) change(what string, change func()) (inTime bool) {
	t.mu.Lock()
	ended := t.ended
	if !ended {
		change()
	}
	t.mu.Unlock()
	if ended {
		t.late(what)
	}
	return !ended
}

// VADStopped marks t0 from a voice activity detector. The detector reports silence after a
// hangover, so t0 is reported minus hangover. The zero time is now.
func (t *Turn) VADStopped(reported time.Time, hangover time.Duration) {
	t.UserStopped(orNow(reported).Add(-max(hangover, 0)), AnchorVAD)
}

// SetAttributes adds attributes to the turn's span and summary line when it ends.
func (t *Turn) SetAttributes(attrs ...attribute.KeyValue) {
	if t == nil || len(attrs) == 0 {
		return
	}
	t.mu.Lock()
	recorded := t.recorded
	if !recorded {
		t.attrs = emit.AppendBounded(t.attrs, attrs)
	}
	t.mu.Unlock()
	if recorded {
		t.late("attributes")
	}
}

// Fail records the error that the turn ends with. Only the first error counts, and a later
// barge-in does not change it. A cancellation is not a failure: [ErrInterrupted] makes the turn
// interrupted, [context.Canceled] makes it abandoned. The error of an interrupted or abandoned
// stage has the same effect. After [Turn.Interrupt], the error of a connection that the program
// closed makes the turn interrupted.
func (t *Turn) Fail(err error) {
	if t == nil || err == nil {
		return
	}
	t.change("error", func() { t.account.Fail(err) })
}

// SetOutcome overrides the outcome of the turn, which is otherwise the first of:
//
//   - failed, if [Turn.Fail] was called or the newest STT, LLM, TTS or realtime stage failed. Failures
//     are ignored if a retry of the stage succeeded, if the stage is a tool, or if it failed
//     during a barge-in while the agent spoke;
//   - interrupted, if [Turn.Interrupt] was called or the newest stage was interrupted;
//   - abandoned, if the session ended first, or if there is no agent audio (no
//     [AgentStarted]) and the turn has no stage or its newest stage was abandoned;
//   - completed.
//
// An outcome that is not one of the constants is recorded on the span and the end line, cut to
// 256 bytes, and is _OTHER in metrics. That of the call in words of one's own is
// [Session.SetOutcome].
func (t *Turn) SetOutcome(o Outcome) {
	if t == nil {
		return
	}
	o = boundText(o)
	t.change("outcome", func() { t.account.Set(outcome.Outcome(o)) })
}

// Latency returns the response latency and its segments. It returns false before the turn has
// ended, and if the user's end of speech or the agent's first audio is unknown.
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

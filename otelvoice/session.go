// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/correlation"
	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/instrument"
	"github.com/voice-agents/telemetry/semconv"
)

// A Session is one call or conversation, from connect to hang-up: the span
// voice.session. It is safe for concurrent use, and methods on a nil Session do
// nothing.
type Session struct {
	tel    *Telemetry
	config sessionConfig
	// ctx carries the session's span and ids and is never cancelled, so that
	// a hang-up can still be recorded.
	ctx   context.Context
	span  trace.Span
	ids   identity.Identity
	start time.Time

	mu            sync.Mutex
	ended         bool
	connected     time.Time
	firstAudio    time.Time
	turns         int
	interruptions int
	open          map[*Turn]struct{}
	lastStopped   time.Time // t0 of the turn before, to tell stale anchors.
	reason        EndReason
	err           error
	attrs         []attribute.KeyValue
	observers     []func(*Turn) (end func())
}

// StartSession starts a call. Its span is a child of the span in ctx, if any;
// the session takes the correlation ID that ctx carries or, with none, gives
// the new trace's. The context it returns carries span, session and ids to
// everything inside the call, log lines included.
//
// The session lasts until [Session.End]. On a nil Telemetry it returns ctx and
// a nil Session, which does nothing.
func (t *Telemetry) StartSession(ctx context.Context, opts ...SessionOption) (context.Context, *Session) {
	if ctx == nil {
		ctx = context.Background()
	}
	if t == nil {
		return ctx, nil
	}
	defer t.guard.underway.leave(t.guard.underway.enter())
	cfg := newSessionConfig(opts)
	ids := identity.FromContext(ctx)
	ids.TurnID, ids.Stage = "", ""
	if cfg.id != "" {
		ids.SessionID = cfg.id
	}
	if ids.SessionID == "" {
		ids.SessionID = newID("sess_")
	}
	if cfg.userID != "" {
		ids.UserID = cfg.userID
	}
	if cfg.pipelineID != "" {
		ids.PipelineID = cfg.pipelineID
	}

	s := &Session{
		tel:    t,
		config: cfg,
		start:  cfg.startTime(),
		open:   make(map[*Turn]struct{}),
		attrs:  cleantext.Clone(cfg.attributes),
	}
	s.connected = s.start
	ctx, s.span = t.guard.start(ctx, semconv.SpanVoiceSession,
		trace.WithTimestamp(s.start),
		trace.WithAttributes(
			semconv.SessionID(ids.SessionID),
			semconv.GenAIConversationID(ids.SessionID)))
	ids.CorrelationID, ids.Chosen = t.correlationID(ctx)
	s.ids = ids

	ctx = correlation.WithoutSeed(identity.NewContext(ctx, ids))
	ctx = context.WithValue(t.Context(ctx), sessionKey{}, s)
	s.ctx = &lasting{ctx}
	s.started()
	t.sessions.add(s) // Others may see the session from here on.
	return ctx, s
}

// started records that the session has started.
func (s *Session) started() {
	defer s.tel.guard.recovered(instruments)
	s.tel.metrics.SessionStarted(s.ctx, s.config.channel)
	s.tel.lines.session(s.ctx, levelDebug, "session started", nil,
		semconv.VoicePhase(semconv.VoicePhaseSessionStart))
}

// ID returns the session's id: the caller's, or one like sess_f5e6d7c8b9a0.
func (s *Session) ID() string {
	if s == nil {
		return ""
	}
	return s.ids.SessionID
}

// CorrelationID returns the ID under which the whole call can be found.
func (s *Session) CorrelationID() string {
	if s == nil {
		return ""
	}
	return s.ids.CorrelationID
}

// Connected says when the call was connected, if that was later than
// StartSession: from here the time to the first agent audio is measured.
func (s *Session) Connected(at time.Time) {
	if s == nil {
		return
	}
	at = orNow(at)
	s.mu.Lock()
	ended := s.ended
	if !ended {
		s.connected = at
	}
	s.mu.Unlock()
	if !ended {
		addEvent(s.span, semconv.EventVoiceSessionConnected, at)
	}
}

// SetAttributes adds attributes to the session's span when it ends.
func (s *Session) SetAttributes(attrs ...attribute.KeyValue) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	had := len(s.attrs)
	s.attrs = appendBounded(s.attrs, attrs)
	copy(s.attrs[had:], cleantext.Clone(s.attrs[had:])) // They are kept as long as the call.
}

// OnTurn has observe called when a turn of the session starts, and what observe
// returns, if not nil, called once when that turn ends, while its attributes can
// still be set: for what is measured beside the agent, such as the packets that the
// line lost. Both are called by the goroutine that starts or ends the turn, which waits for
// them; during Shutdown it waits 200 ms at most. A panic in one is recovered, logged and
// counted.
func (s *Session) OnTurn(observe func(turn *Turn) (end func())) {
	if s == nil || observe == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.observers = append(s.observers, observe)
}

// observed tells the observers that a turn started, and returns what they want called
// when it ends.
func (s *Session) observed(t *Turn) (ends []func()) {
	s.mu.Lock()
	observers := slices.Clone(s.observers)
	s.mu.Unlock()
	for _, observe := range observers {
		if end := s.tel.guard.observeStart(observe, t); end != nil {
			ends = append(ends, end)
		}
	}
	return ends
}

// SetEndReason says why the session ends. The first reason stands: the caller
// who hangs up comes before the error that this leads to.
func (s *Session) SetEndReason(reason EndReason) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason == "" {
		s.reason = reason
	}
}

// Fail says that the session ends in an error. A turn that failed does not make
// the session fail; many calls recover.
func (s *Session) Fail(err error) {
	if s == nil || err == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
	if s.reason == "" {
		s.reason = EndError
	}
}

// End ends the session and, as abandoned, every turn still open in it. It
// writes the session's summary line and its metrics. Only the first End counts.
// Deferred, it records a panic as the session's error and lets it go on.
func (s *Session) End() {
	if r := recover(); r != nil {
		s.Fail(failure.NewPanic(r))
		s.end("")
		panic(r)
	}
	s.end("")
}

func (s *Session) end(fallback EndReason) {
	if s == nil {
		return
	}
	defer s.tel.guard.underway.leave(s.tel.guard.underway.enter())
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return
	}
	s.ended = true
	turns := s.turns // Turns that are started from now on are not the session's any more.
	if s.reason == "" {
		s.reason = fallback
	}
	open := make([]*Turn, 0, len(s.open))
	for turn := range s.open {
		open = append(open, turn)
	}
	s.mu.Unlock()

	for _, turn := range open {
		turn.end(Abandoned, nil, 0)
	}
	s.tel.sessions.remove(s)
	s.record(time.Now(), turns)
}

// record tells how the session went. All its turns have ended, so the fields
// are at rest, but setters may still be called.
func (s *Session) record(now time.Time, turns int) {
	defer s.tel.guard.recovered(instruments)
	defer s.tel.guard.end(s.span, now)
	s.mu.Lock()
	reason, err := s.reason, s.err
	duration := now.Sub(s.start)
	attrs := append([]attribute.KeyValue{
		semconv.VoiceSessionTurnCount(turns),
		semconv.VoiceSessionInterruptionCount(s.interruptions),
	}, s.attrs...)
	firstAudio := s.firstAudio.Sub(s.connected)
	heard := !s.firstAudio.IsZero()
	s.mu.Unlock()

	if s.config.channel != "" {
		attrs = append(attrs, semconv.VoiceChannel(s.config.channel))
	}
	if reason != "" {
		attrs = append(attrs, semconv.VoiceSessionEndReason(string(reason)))
	}
	if heard && s.tel.believe(s.ctx, semconv.VoiceSessionTimeToFirstAudioKey, firstAudio) {
		attrs = append(attrs, semconv.VoiceSessionTimeToFirstAudio(firstAudio.Seconds()))
		s.tel.metrics.FirstAudio(s.ctx, s.config.channel, firstAudio.Seconds())
	}
	s.tel.metrics.SessionEnded(s.ctx, instrument.Session{
		Channel: s.config.channel, EndReason: string(reason),
	}, duration.Seconds())

	if s.span.IsRecording() {
		s.span.SetAttributes(s.identityAttributes()...)
		s.span.SetAttributes(attrs...)
		if err != nil {
			s.span.SetAttributes(semconv.ErrorType(failure.Type(err)))
			s.span.SetStatus(codes.Error, failure.Message(err))
		}
	}
	s.tel.lines.session(s.ctx, levelOf(err), "session ended", err,
		append(attrs, semconv.VoicePhase(semconv.VoicePhaseSessionEnd), semconv.VoiceDuration(duration.Seconds()), sessionFigures(duration, err, attrs))...)
}

func (s *Session) identityAttributes() []attribute.KeyValue {
	attrs := []attribute.KeyValue{semconv.VoiceCorrelationID(s.ids.CorrelationID)}
	if s.ids.UserID != "" {
		attrs = append(attrs, semconv.UserID(s.ids.UserID))
	}
	if s.ids.PipelineID != "" {
		attrs = append(attrs, semconv.VoicePipelineID(s.ids.PipelineID))
	}
	return attrs
}

// numberTurn gives a turn its number and its start, in one order. It reports whether the
// session has ended: such a turn is in the session's trace, but the session does not end it.
func (s *Session) numberTurn(t *Turn) (late bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turns++
	t.index, t.start = s.turns, t.config.startTime()
	return s.ended
}

// turnStarted remembers an open turn, which is whole: the session may end it at once. It
// reports whether it came too late: the session has ended, and does not end it.
func (s *Session) turnStarted(t *Turn) (missed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.open[t] = struct{}{}
	}
	return s.ended
}

// turnEnded forgets a turn and takes from it what the session tells.
func (s *Session) turnEnded(t *Turn, outcome Outcome, stopped, heard time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, t)
	if outcome == Interrupted {
		s.interruptions++
	}
	if !stopped.IsZero() {
		s.lastStopped = stopped
	}
	if !heard.IsZero() && (s.firstAudio.IsZero() || heard.Before(s.firstAudio)) {
		s.firstAudio = heard
	}
}

func (s *Session) previousStop() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lastStopped
}

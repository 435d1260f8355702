// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/conversation"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/otelvoice/internal/outcome"
	"github.com/voice-agents/telemetry/semconv"
)

// A Session is one call or conversation, from connect to hang-up: the span
// voice.session. It is safe for concurrent use, and methods on a nil Session do
// nothing.
type Session struct {
	tel    *Telemetry
	config sessionConfig
	// ctx carries the session's span and ids and is never cancelled, so that
	// a hang-up can be recorded.
	ctx   context.Context
	span  trace.Span
	ids   identity.Identity
	start time.Time

	conversation *conversation.Conversation
	part         int // Of the conversation, from 1.

	mu         sync.Mutex
	ended      bool
	connected  time.Time
	firstAudio time.Time
	open       map[*Turn]struct{}
	reason     EndReason
	err        error
	attrs      []attribute.KeyValue
	observers  []func(*Turn) (end func())
	slowTurn   []*slowCalls
	// slowTurnOfAll is that of WithSlowTurn. It is nil until a budget is spent.
	slowTurnOfAll *slowCalls

	hasSlowTurn atomic.Bool // Without the lock.

	streams streams
	opener  opener

	variant   sessionVariant
	facts     sessionFacts
	talk      sessionTalk
	recording atomic.Pointer[recording]
}

// StartSession starts a session. Its span is a child of the span in ctx, if any. Its correlation
// ID is the one in ctx, or that of the new trace if ctx has none. The returned context carries
// the span, the session and its ids; pass it to all work of the call, including log calls.
//
// The session lasts until [Session.End]. On a nil Telemetry, StartSession returns ctx and a nil
// Session, which does nothing.
func (t *Telemetry) StartSession(ctx context.Context, opts ...SessionOption) (context.Context, *Session) {
	if ctx == nil {
		ctx = context.Background()
	}
	if t == nil {
		return ctx, nil
	}
	return t.startSession(ctx, newSessionConfig(opts))
}

func (t *Telemetry) startSession(ctx context.Context, cfg sessionConfig) (context.Context, *Session) {
	defer t.emit.Guard.Underway.Leave(t.emit.Guard.Underway.Enter())
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
		start:  t.emit.StartTime(ctx, cfg.start, emit.LongestCall),
		open:   make(map[*Turn]struct{}),
		attrs:  cleantext.Clone(cfg.attributes),
	}
	s.connected, s.talk.floor.DeadAir = s.start, t.deadAir
	start := append(s.join(ids.SessionID),
		trace.WithTimestamp(s.start),
		trace.WithAttributes(
			semconv.SessionID(ids.SessionID),
			semconv.GenAIConversationID(ids.SessionID)))
	ctx, s.span = t.emit.Guard.Start(ctx, semconv.SpanVoiceSession, start...)
	s.conversation.SetSpan(s.span.SpanContext())
	ids.CorrelationID, ids.Chosen = t.correlationID(ctx)
	s.ids = ids

	ctx = identity.WithoutSeed(identity.NewContext(ctx, ids))
	s.opener = opener{tel: t, session: s}
	ctx = &sessionContext{Context: t.Context(ctx), session: s}
	s.ctx = &emit.Uncancelled{Context: ctx}
	s.setVariant()
	s.started()
	t.sessions.add(s) // Last, because other goroutines can use the session from now on.
	t.heartbeat.start(t)
	return ctx, s
}

// started records that the session has started.
func (s *Session) started() {
	defer s.tel.emit.Guard.Recovered(guard.Instruments)
	s.tel.emit.Metrics.SessionActive(s.ctx, s.config.channel, 1)
	s.tel.emit.Log.Session(s.ctx, calllog.Debug, "session started", nil,
		semconv.VoicePhase(semconv.VoicePhaseSessionStart))
}

// ID returns the session's id: the caller's, or one like sess_f5e6d7c8b9a0.
func (s *Session) ID() string {
	if s == nil {
		return ""
	}
	return s.ids.SessionID
}

// CorrelationID returns the correlation ID of the call.
func (s *Session) CorrelationID() string {
	if s == nil {
		return ""
	}
	return s.ids.CorrelationID
}

// Connected sets when the call was connected, if that was after StartSession. The time to the
// first agent audio is measured from at. The zero time is now.
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
		emit.AddEvent(s.span, semconv.EventVoiceSessionConnected, at)
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
	s.attrs = emit.AppendBounded(s.attrs, attrs)
	copy(s.attrs[had:], cleantext.Clone(s.attrs[had:])) // Retained until the session ends.
}

// OnTurn registers an observer: a function that is called when a turn of the session starts. If
// it returns a function, that is called once when the turn ends, while attributes can still be
// set. Use it for measurements outside of the agent, such as packet loss. The goroutine that
// starts or ends the turn calls both functions and waits for them; during Shutdown it waits at
// most 200 ms. A panic in one is recovered, logged and counted.
func (s *Session) OnTurn(observe func(turn *Turn) (end func())) {
	if s == nil || observe == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.observers = append(s.observers, observe)
}

// observed calls the observers when a turn starts, and returns the functions to call when the
// turn ends.
func (s *Session) observed(t *Turn) (ends []func()) {
	s.mu.Lock()
	observers := slices.Clone(s.observers)
	s.mu.Unlock()
	for _, observe := range observers {
		if end := s.observe(observe, t); end != nil {
			ends = append(ends, end)
		}
	}
	return ends
}

// observe calls an observer when a turn starts.
func (s *Session) observe(observe func(*Turn) (end func()), turn *Turn) (end func()) {
	defer s.tel.emit.Guard.Recovered(guard.Observer)
	return observe(turn)
}

// SetEndReason sets why the session ends. Only the first reason counts, because a hang-up comes
// before the error that it causes. A reason that is not one of the constants is recorded on the span and the end
// line, cut to 256 bytes, and is _OTHER in metrics.
func (s *Session) SetEndReason(reason EndReason) {
	if s == nil {
		return
	}
	reason = EndReason(boundID(string(reason)))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason == "" {
		s.reason = reason
	}
}

// Fail records the error that the session ends with. Only the first error counts. A failed turn
// does not make the session fail, because many calls recover. As in [Turn.Fail], a cancellation
// is not a failure: [context.Canceled] and [ErrInterrupted] are ignored, so that a hang-up is not
// an error.
func (s *Session) Fail(err error) {
	if s == nil || err == nil || outcome.IsCancellation(err) || outcome.IsInterruption(err) {
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

// numberTurn sets a turn's number and start time under one lock, so that both have the same
// order. It reports whether the session has ended and will therefore not end the turn.
func (s *Session) numberTurn(ctx context.Context, t *Turn) (late bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.index, t.start = s.conversation.NextTurn(), s.tel.emit.StartTime(ctx, t.config.start, latency.Max)
	return s.ended
}

// turnStarted adds an open turn. The session may end it from now on. turnStarted reports whether
// the session has ended and will therefore not end the turn.
func (s *Session) turnStarted(t *Turn) (missed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.open[t] = struct{}{}
	}
	return s.ended
}

// turnEnded removes a turn. It records the time of the agent's first audio, and the turn's data
// in the conversation.
func (s *Session) turnEnded(t *Turn, interrupted bool, endOfSpeech, agentStarted time.Time) {
	s.conversation.TurnEnded(t.index, interrupted, endOfSpeech)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, t)
	if !agentStarted.IsZero() && (s.firstAudio.IsZero() || agentStarted.Before(s.firstAudio)) {
		s.firstAudio = agentStarted
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/semconv"
)

// observedTurn is a turn as a tap sees it: a [vendorcall.Turn], which documents the rules.
type observedTurn Turn

// IsClaimed reports whether the program started or claimed the turn.
func (o *observedTurn) IsClaimed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.observed
}

// MarkObserved records a mark unless the program marked it or the turn has ended.
func (o *observedTurn) MarkObserved(mark uint8, at time.Time, anchor string) (marked bool) {
	m := latency.Mark(mark)
	if !m.Valid() {
		return false
	}
	at = orNow(at)
	watched := (*Turn)(o).isWatched(m)
	o.mu.Lock()
	if !o.ended {
		marked = o.marks.AddObserved(latency.Occurrence{Mark: m, At: at, Anchor: latency.Anchor(anchor)})
		(*Turn)(o).watch(watched)
	}
	o.mu.Unlock()
	switch {
	case marked && m == latency.UserStopped:
		emit.AddEvent(o.span, m.String(), at, semconv.VoiceTurnAnchor(anchor))
	case marked:
		emit.AddEvent(o.span, m.String(), at)
	}
	return marked
}

// SpokenObserved records that the user spoke from a time until after the interruption.
func (o *observedTurn) SpokenObserved(since time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.ended {
		o.talk.heardSince = since
	}
}

// EndObserved ends the turn unless the program has it.
func (o *observedTurn) EndObserved() bool {
	o.mu.Lock()
	isOurs, ended := o.observed, o.ended
	o.isEnding = o.isEnding || isOurs
	o.mu.Unlock()
	if isOurs {
		(*Turn)(o).end("", nil, 0)
	}
	return isOurs || ended
}

// claimTurn returns the session's newest open turn and its context if a tap started it, nothing has
// claimed it, and no agent audio was played in it. Otherwise it returns nil.
func (s *Session) claimTurn(ctx context.Context, cfg *turnConfig) (context.Context, *Turn) {
	t := s.newestTurn()
	if t == nil || !t.claim(cfg) {
		return nil, nil
	}
	ctx = identity.NewContext(trace.ContextWithSpan(s.tel.Context(ctx), t.span), t.ids)
	return &sessionContext{Context: ctx, session: s, turn: t}, t
}

// claim gives an observed turn to the program, with the options that still apply.
func (t *Turn) claim(cfg *turnConfig) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, played := t.marks.AgentStarted(); played || t.ended || t.isEnding || !t.observed {
		return false
	}
	t.observed = false
	t.attrs = emit.AppendBounded(t.attrs, cfg.attributes)
	if cfg.initiator != t.config.initiator {
		t.config.initiator = cfg.initiator
		t.span.SetAttributes(semconv.VoiceTurnInitiator(cfg.initiator))
	}
	return true
}

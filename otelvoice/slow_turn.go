// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"slices"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
)

// A SlowTurn is a turn whose latency budget is spent while the agent has not been heard.
type SlowTurn struct {
	Turn *Turn
	// Budget is the latency budget; see [WithLatencyBudget].
	Budget time.Duration
	// UserStopped is the end of the user's speech, from which the budget counts.
	UserStopped time.Time
	// Stages are the stages that are open, in the order in which they started. It is empty if the
	// turn waits for something else, such as endpointing.
	Stages []OpenStage
}

// Context returns a context that carries the turn and its IDs, for log lines and further work of the turn.
func (s SlowTurn) Context() context.Context {
	if s.Turn == nil {
		return context.Background()
	}
	return &s.Turn.carried
}

// WithSlowTurn sets a function that is called during a call as soon as the latency budget of a
// turn is spent and the agent has not been heard; see [WithLatencyBudget].
//
// It is called at most once a turn, on a goroutine of its own: if it blocks, no turn waits for it,
// and its goroutine stays. A panic in it is recovered, logged and counted. It is not called if the
// agent starts a turn, or if the end of speech lies in the future or over an hour back, as with a
// clock that jumped. Each turn then costs one runtime timer. Without a function there is none.
func WithSlowTurn(call func(slow SlowTurn)) Option {
	return optionFunc(func(c config) config {
		if call != nil {
			c.slowTurn = call
		}
		return c
	})
}

// OnSlowTurn registers a function for the slow turns of the session, as [WithSlowTurn] does for all
// sessions. It applies to ends of speech that are marked after it.
func (s *Session) OnSlowTurn(call func(slow SlowTurn)) {
	if s == nil || call == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slowTurn = append(s.slowTurn, call)
	s.hasSlowTurn.Store(true)
}

// slowTurns returns the functions for slow turns.
func (s *Session) slowTurns() []func(SlowTurn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.slowTurn)
}

// A slowWatch waits until the budget of a turn is spent. The turn's lock guards it.
type slowWatch struct {
	timer *time.Timer
	round int // Of the timer, so that one that was stopped too late does nothing.
	told  bool
}

// stop stops the timer.
func (w *slowWatch) stop() {
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
		w.round++
	}
}

// watch starts, moves or stops the timer after a mark. The caller holds the turn's lock.
func (t *Turn) watch(watched bool) {
	if !watched || t.slow.told || t.config.initiator == initiatorAgent {
		return
	}
	t.slow.stop()
	t0, known := t.marks.Last(latency.UserStopped)
	started, speaks := t.marks.Last(latency.UserStarted)
	_, heard := t.marks.AgentStarted()
	since := time.Since(t0.At)
	if !known || heard || speaks && started.At.After(t0.At) || since < 0 || since > time.Hour {
		return
	}
	round := t.slow.round
	t.slow.timer = time.AfterFunc(t.session.tel.latencyBudget-since, func() { t.budgetSpent(round, t0.At) })
}

// isWatched reports whether the mark changes when the budget is spent, and a function is registered for that.
// It takes no lock: it runs for each mark.
func (t *Turn) isWatched(m latency.Mark) bool {
	tel := t.session.tel
	if tel.latencyBudget <= 0 || m != latency.UserStarted && m != latency.UserStopped && m != latency.AgentStarted {
		return false
	}
	return tel.slowTurn != nil || t.session.hasSlowTurn.Load()
}

// budgetSpent calls the functions for slow turns. The timer calls it on a goroutine of its own.
func (t *Turn) budgetSpent(round int, t0 time.Time) {
	t.mu.Lock()
	if t.ended || t.slow.told || t.slow.round != round {
		t.mu.Unlock()
		return
	}
	t.slow.told, t.slow.timer = true, nil
	open := slices.Clone(t.work.open)
	t.mu.Unlock()
	tel := t.session.tel
	slow := SlowTurn{Turn: t, Budget: tel.latencyBudget, UserStopped: t0, Stages: openStages(open)}
	for _, call := range t.session.slowTurns() {
		tel.emit.Guard.Observe(func() { call(slow) })
	}
	if tel.slowTurn != nil {
		tel.emit.Guard.Observe(func() { tel.slowTurn(slow) })
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"slices"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
)

// A SlowTurn is a turn one of whose budgets is spent while the agent has not been heard.
type SlowTurn struct {
	Turn *Turn
	// Segment is the segment whose budget is spent. It is empty for the budget of the response
	// latency.
	Segment SegmentName
	// Budget is the budget that is spent; see [WithLatencyBudget] and [WithSegmentBudget].
	Budget time.Duration
	// Since is when the budget began to count: the start of the segment, or UserStopped.
	Since time.Time
	// UserStopped is the end of the user's speech.
	UserStopped time.Time
	// Stages are the stages that were open then, in the order in which they started. It is empty if
	// the turn waits for something else, such as endpointing.
	Stages []OpenStage
}

// Context returns a context that carries the turn and its IDs, for log lines and further work of the turn.
func (s SlowTurn) Context() context.Context {
	if s.Turn == nil {
		return context.Background()
	}
	return &s.Turn.carried
}

// WithSlowTurn sets a function that is called during a call as soon as a budget of a turn is spent
// and the agent has not been heard; see [WithLatencyBudget] and [WithSegmentBudget].
//
// It is called at most once for each budget of a turn, in the order in which they are spent. The
// budget of a segment counts from the mark before it, while that is the latest of the turn. It is not
// told if the latest mark is from before the end of speech, because an answer that was prepared early
// may still count. The function is called for a segment whose mark never comes as well. It is not
// called after the turn was interrupted, if the agent starts the turn, or if the end of speech lies in
// the future or over an hour back, as with a clock that jumped.
//
// For each session, each function has a goroutine of its own while it is called, so that no turn, no
// other function, no other session and no Shutdown waits for one that blocks. Up to 16 later calls of
// the session wait for it. More are left out and counted in voice.measurements.dropped; those of turns
// that have ended meanwhile are left out. A panic is recovered, logged and counted.
//
// Each turn then costs one runtime timer, and with budgets of segments one for each mark. Without a
// function there is none.
func WithSlowTurn(call func(slow SlowTurn)) Option {
	return optionFunc(func(c config) config {
		if call != nil {
			c.slowTurn = call
		}
		return c
	})
}

// OnSlowTurn registers a function for the slow turns of the session, as [WithSlowTurn] does for all
// sessions. It applies to marks that are made after it.
func (s *Session) OnSlowTurn(call func(slow SlowTurn)) {
	if s == nil || call == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slowTurn = append(s.slowTurn, &slowCalls{call: call})
	s.hasSlowTurn.Store(true)
}

// slowTurns returns the functions for slow turns.
func (s *Session) slowTurns() []*slowCalls {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.slowTurnOfAll == nil && s.tel.slowTurn != nil {
		s.slowTurnOfAll = &slowCalls{call: s.tel.slowTurn}
	}
	all := slices.Clone(s.slowTurn)
	if s.slowTurnOfAll != nil {
		all = append(all, s.slowTurnOfAll)
	}
	return all
}

// A slowWatch waits until the next budget of a turn is spent. The turn's lock guards it.
type slowWatch struct {
	timer *time.Timer
	round int              // Of the timer, so that one that was stopped too late does nothing.
	told  latency.Exceeded // The budgets that functions were called for.
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
	if !watched || t.config.initiator == initiatorAgent {
		return
	}
	t.slow.stop()
	if t.account.Interrupted() {
		return
	}
	now := time.Now()
	wait, ok := t.marks.Waiting(now)
	if !ok {
		return
	}
	next, ok := t.session.tel.budgets.Next(&wait, t.slow.told)
	if !ok {
		return
	}
	round := t.slow.round
	t.slow.timer = time.AfterFunc(next.At-now.Sub(wait.UserStopped), func() { t.budgetSpent(round, wait.UserStopped, next) })
}

// isWatched reports whether the mark changes when a budget is spent, and a function is registered for that.
// It takes no lock: it runs for each mark.
func (t *Turn) isWatched(m latency.Mark) bool {
	tel := t.session.tel
	switch m {
	case latency.UserStarted, latency.UserStopped, latency.AgentStarted:
		if tel.budgets.Response == 0 && !tel.budgets.HasSegments() {
			return false
		}
	case latency.AgentStopped:
		return false
	default:
		if !tel.budgets.HasSegments() {
			return false
		}
	}
	return tel.slowTurn != nil || t.session.hasSlowTurn.Load()
}

// budgetSpent calls the functions for slow turns and waits for the next budget. The timer calls it on a
// goroutine of its own.
func (t *Turn) budgetSpent(round int, t0 time.Time, spent latency.Deadline) {
	t.mu.Lock()
	if t.ended || t.slow.round != round {
		t.mu.Unlock()
		return
	}
	t.slow.told |= spent.Set
	open := slices.Clone(t.work.open)
	t.watch(true)
	t.mu.Unlock()
	slow := SlowTurn{
		Turn: t, Segment: SegmentName(spent.Name), Budget: spent.Budget,
		Since: spent.Since, UserStopped: t0, Stages: openStages(open),
	}
	for _, calls := range t.session.slowTurns() {
		calls.add(slow)
	}
}

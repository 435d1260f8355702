// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelpion

import (
	"sync"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
)

// speech decides which of the agent's packets start and end the audio of a turn; see [Interceptor].
type speech struct {
	pause time.Duration

	mu      sync.Mutex
	waiting *otelvoice.Turn // The newest open turn, until its audio starts.
	playing *otelvoice.Turn // The open turn that the audio belongs to.
	last    time.Time       // When the last audible packet was sent.
	watched bool            // The timer runs.
	timer   *time.Timer
}

// started records the start of a turn.
func (s *speech) started(turn *otelvoice.Turn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = turn
}

// ended records the end of a turn.
func (s *speech) ended(turn *otelvoice.Turn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == turn {
		s.waiting = nil
	}
	if s.playing != turn {
		return
	}
	s.playing = nil
	if s.timer != nil {
		s.timer.Stop()
		s.watched = false
	}
}

// sent records that an audible packet was sent.
func (s *speech) sent(now time.Time) {
	s.mu.Lock()
	last := s.last
	s.last = now
	var begun *otelvoice.Turn
	var before *otelvoice.Turn
	if s.waiting != nil && (last.IsZero() || now.Sub(last) >= s.pause) {
		begun, before = s.waiting, s.playing
		if !s.watched {
			before = nil // Its end was marked.
		}
		s.playing, s.waiting = begun, nil
	}
	if s.playing != nil && !s.watched {
		s.watch()
	}
	s.mu.Unlock()
	before.MarkAt(otelvoice.AgentStopped, last)
	begun.MarkAt(otelvoice.AgentStarted, now)
}

// watch starts the timer that finds the next pause: a track that sends nothing between two answers
// has no packet that shows it. One timer runs for each pause, not for each packet. The caller holds
// the lock.
func (s *speech) watch() {
	s.watched = true
	if s.timer == nil {
		s.timer = time.AfterFunc(s.pause, s.check)
		return
	}
	s.timer.Reset(s.pause)
}

// check marks the end of the audio if a pause has passed.
func (s *speech) check() {
	s.mu.Lock()
	if !s.watched || s.playing == nil {
		s.mu.Unlock()
		return
	}
	if silent := time.Since(s.last); silent < s.pause {
		s.timer.Reset(s.pause - silent)
		s.mu.Unlock()
		return
	}
	s.watched = false
	turn, at := s.playing, s.last
	s.mu.Unlock()
	turn.MarkAt(otelvoice.AgentStopped, at)
}

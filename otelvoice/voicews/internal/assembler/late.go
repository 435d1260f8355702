// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"slices"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
)

// byRequest stands for the transcription of recordings among the recognisers. It has no connection.
var byRequest otelvoice.Model

// expect makes a turn the user's newest one. The words of it are expected of all recognisers that listen,
// and of a request.
func (c *Call) expect(t *turn) {
	c.ofUser, t.expected = t, []otelvoice.Model{byRequest}
	for _, r := range c.open {
		if r, ok := r.(*recognizer); ok {
			t.expected = append(t.expected, r.model)
		}
	}
}

// reported records that a recogniser has reported words of a turn.
func (c *Call) reported(t *turn, by otelvoice.Model) {
	if t.expected == nil {
		c.expect(t) // The program started the turn.
	}
	t.expected = slices.DeleteFunc(t.expected, func(m otelvoice.Model) bool { return m == by })
}

// lateTurn returns the turn of words that a recogniser reports after another one, or a speech-to-speech
// model, has reported the same: those of the user's newest turn, if the recogniser has reported none of
// it. The turn is nil if it is over. Words are new, and isLate is false, if they began after the turn was
// complete. started is when they did, which is known from their offset or from a detector. If it is not,
// they are new after a while, because a recogniser may have missed the turn. A program that starts the
// turns says itself whose words they are.
func (c *Call) lateTurn(m otelvoice.Model, started time.Time, isKnown bool, now time.Time) (t *turn, isLate bool) {
	t = c.ofUser
	if t == nil || t.isCut || !slices.Contains(t.expected, m) || c.config.ProgramTurns {
		return nil, false
	}
	isOpen := slices.Contains(c.turns, t)
	if n := c.newest(); !isOpen && !t.isCommitted || n != nil && n != t && n.isProgram() {
		return nil, false
	}
	complete := t.complete(now)
	if isKnown && !started.Before(complete) || !isKnown && now.Sub(complete) >= maxUnknown {
		return nil, false
	}
	if c.speaking.Before(complete) {
		c.speaking = time.Time{}
	}
	c.reported(t, m)
	if !isOpen {
		return nil, true
	}
	return t, true
}

// complete returns when the user's part of the turn was complete: when it was committed, else when the
// agent was heard, else now.
func (t *turn) complete(now time.Time) time.Time {
	switch {
	case t.isCommitted:
		return t.committed
	case t.isAudible():
		return t.queue.Started()
	}
	return now
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package conversation keeps the state of conversations, which may have several sessions, and
// the registry of those that can be resumed.
package conversation

import (
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice/internal/spend"
)

// A Conversation is the state that its sessions, the parts, share. A call has one part; a
// conversation over several HTTP requests has one for each request. It is safe for concurrent
// use.
type Conversation struct {
	Spent spend.Tally // What its stages and streams cost.

	mu            sync.Mutex
	started       time.Time // When the first part started.
	turns         int
	interruptions int
	after         interruptions // What followed them.
	talk          Talk
	parts         int
	open          int  // Parts that have not ended.
	ended         bool // The conversation was counted as ended: no part follows.
	speech        endsOfSpeech
	span          trace.SpanContext // Of the newest part.
	until         time.Time         // When the newest end of a part was.
}

// start adds a part. turnsBefore is the number of earlier turns, for the first part. It returns
// the part's number, from 1, and the span of the part before, if there is one.
func (c *Conversation) start(at time.Time, turnsBefore int) (part int, before trace.SpanContext) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.started.IsZero() {
		c.started, c.turns = at, turnsBefore
	}
	c.parts++
	c.open++
	return c.parts, c.span
}

// SetSpan sets the span of the part that started last.
func (c *Conversation) SetSpan(span trace.SpanContext) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.span = span
}

// NextTurn returns the number of a new turn.
func (c *Conversation) NextTurn() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turns++
	c.after.start(c.turns)
	return c.turns
}

// Turns returns the number of turns so far.
func (c *Conversation) Turns() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.turns
}

// TurnEnded records the end of a turn: whether it counts as an interruption, and when the user
// stopped speaking, or the zero time.
func (c *Conversation) TurnEnded(turn int, interrupted bool, endOfSpeech time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if interrupted {
		c.interruptions++
	}
	c.speech.add(turn, endOfSpeech)
}

// EndOfSpeechBefore returns the latest end of speech in the ended turns before a turn, or the
// zero time.
func (c *Conversation) EndOfSpeechBefore(turn int) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.speech.before(turn)
}

// A Summary holds the conversation's data for the end line and the metrics of a part.
type Summary struct {
	Interruptions  int
	Started, Until time.Time
	Ended          bool // The conversation ended with this part.
	Talk           Talk
	After          Aftermath
}

// PartEnded ends a part. If final, the conversation ends with it; only the first such end
// counts.
func (c *Conversation) PartEnded(now time.Time, final bool) Summary {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	c.until = now
	s := c.summary(now, final && !c.ended)
	c.ended = c.ended || final
	return s
}

// Expire ends a conversation that was not resumed, unless it has ended or has an open part.
func (c *Conversation) Expire() Summary {
	c.mu.Lock()
	defer c.mu.Unlock()
	ends := !c.ended && c.open == 0
	c.ended = c.ended || ends
	return c.summary(c.until, ends)
}

func (c *Conversation) summary(until time.Time, ended bool) Summary {
	s := Summary{Interruptions: c.interruptions, Started: c.started, Until: until, Ended: ended}
	s.Talk, s.After = c.talkSoFar(ended)
	return s
}

// hasEnded reports whether the conversation has ended.
func (c *Conversation) hasEnded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// suspended reports whether the conversation has not ended and has no open part.
func (c *Conversation) suspended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open == 0 && !c.ended
}

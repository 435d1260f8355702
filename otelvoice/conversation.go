// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// conversation is what the parts of a session have in common: a call has one part, a
// conversation over several HTTP requests has one for each request. It is safe for concurrent
// use.
type conversation struct {
	mu            sync.Mutex
	started       time.Time // When its first part did.
	turns         int
	interruptions int
	parts         int
	open          int  // Parts that have not ended.
	ended         bool // It counts as ended: no part follows.
	stops         turnStops
	// last is the part that started last, and when the part that ended last did.
	last  trace.SpanContext
	until time.Time
}

// begin adds a part; the first one says how many turns there were before it. It returns the
// part's number, from 1, and the span of the part before, if there was one.
func (c *conversation) begin(start time.Time, turnsBefore int) (part int, before trace.SpanContext) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.started.IsZero() {
		c.started, c.turns = start, turnsBefore
	}
	c.parts++
	c.open++
	return c.parts, c.last
}

// began remembers the span of the part that started last.
func (c *conversation) began(span trace.SpanContext) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = span
}

// nextTurn numbers a turn.
func (c *conversation) nextTurn() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turns++
	return c.turns
}

// turnCount returns how many turns there were so far.
func (c *conversation) turnCount() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.turns
}

// turnEnded counts an interruption and remembers when the user stopped speaking in the turn.
func (c *conversation) turnEnded(index int, interrupted bool, stopped time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if interrupted {
		c.interruptions++
	}
	c.stops.add(index, stopped)
}

// stoppedBefore returns when the user last stopped speaking in the turns before a turn that
// have ended, or the zero time.
func (c *conversation) stoppedBefore(index int) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stops.before(index)
}

// summary is what the end line and the metrics of a part say about its conversation.
type summary struct {
	interruptions  int
	started, until time.Time
	counts         bool // The conversation ends here.
}

// partEnded ends a part. If final, the conversation ends with it; only the first such end counts.
func (c *conversation) partEnded(now time.Time, final bool) summary {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	c.until = now
	s := summary{c.interruptions, c.started, now, final && !c.ended}
	c.ended = c.ended || final
	return s
}

// expired ends a conversation that no part resumed, if it has not ended.
func (c *conversation) expired() summary {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := !c.ended && c.open == 0
	c.ended = c.ended || counts
	return summary{c.interruptions, c.started, c.until, counts}
}

// hasEnded reports whether the conversation has ended.
func (c *conversation) hasEnded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// suspended reports whether the conversation goes on without an open part.
func (c *conversation) suspended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open == 0 && !c.ended
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"slices"
	"sync"

	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
	"github.com/voice-agents/telemetry/semconv"
)

// maxSlowCalls is how many calls of a function wait while it blocks.
const maxSlowCalls = 16

// slowCalls calls a function for the slow turns of one session, one after the other, on a goroutine
// that lasts until no call waits.
type slowCalls struct {
	call func(SlowTurn)

	mu      sync.Mutex
	waiting []SlowTurn
	isBusy  bool
}

// add calls the function as soon as its earlier calls have returned.
func (c *slowCalls) add(slow SlowTurn) {
	c.mu.Lock()
	c.waiting = slices.DeleteFunc(c.waiting, func(s SlowTurn) bool { return s.Turn.hasEnded() })
	isFull := len(c.waiting) >= maxSlowCalls
	if !isFull {
		c.waiting = append(c.waiting, slow)
	}
	starts := !c.isBusy
	c.isBusy = true
	c.mu.Unlock()
	if isFull {
		slow.Turn.session.tel.emit.Dropped(slow.Turn.ctx, semconv.VoiceTurnOverBudgetKey, semconv.VoiceDropReasonOutOfRange)
	}
	if starts {
		go c.run()
	}
}

// run makes the calls that wait.
func (c *slowCalls) run() {
	isDone := false
	defer func() {
		if !isDone { // The function has ended the goroutine.
			go c.run()
		}
	}()
	for {
		slow, ok := c.next()
		if !ok {
			isDone = true
			return
		}
		if !slow.Turn.hasEnded() { // The time for the agent to say something has passed.
			c.one(slow)
		}
	}
}

func (c *slowCalls) one(slow SlowTurn) {
	defer slow.Turn.session.tel.emit.Guard.Recovered(guard.SlowTurn)
	c.call(slow)
}

// next returns the next call. Without one, the goroutine is no longer busy.
func (c *slowCalls) next() (slow SlowTurn, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == 0 {
		c.isBusy = false
		return slow, false
	}
	slow = c.waiting[0]
	c.waiting = slices.Delete(c.waiting, 0, 1)
	return slow, true
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import "github.com/voice-agents/telemetry/otelvoice/internal/floor"

// A Talk is who spoke in a part.
type Talk struct {
	floor.Sums

	Turns int
	// Unknown are the turns in which it is not known when a side spoke, by floor.Side.
	Unknown [2]int
	// UnknownTurns are the turns in which that is not known of one side or both.
	UnknownTurns int
}

// Plus returns the talk of a conversation and of its next part.
func (t Talk) Plus(next Talk) Talk {
	t.Sums = t.Sums.Plus(next.Sums)
	for side := range t.Unknown {
		t.Unknown[side] += next.Unknown[side]
	}
	t.Turns += next.Turns
	t.UnknownTurns += next.UnknownTurns
	return t
}

// Aftermath records what a turn that has ended says of interruptions, and returns it. restarted is whether the
// agent spoke again in it after an interruption of an earlier turn.
func (c *Conversation) Aftermath(t EndedTurn) (now Aftermath, restarted bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.after.add(t)
}

// Talked adds the talk of a part.
func (c *Conversation) Talked(part Talk) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.talk = c.talk.Plus(part)
}

// talkSoFar returns the talk and the aftermath so far. If the conversation has ended, the agent does not recover
// from the interruptions that are left.
func (c *Conversation) talkSoFar(ended bool) (Talk, Aftermath) {
	if ended {
		c.after.end()
	}
	return c.talk, c.after.sum
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"time"

	"github.com/voice-agents/telemetry/internal/media"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/playout"
)

// unheard is how long a turn waits for the audio of an answer, or for another try.
const unheard = 5 * time.Second

// pause is how long after the last audio of an answer a turn waits for more. An answer that is spoken
// sentence by sentence has gaps.
const pause = time.Second

// A turn is an open turn of the call.
type turn struct {
	handle *otelvoice.Turn
	ctx    context.Context //nolint:containedctx // Of the turn's stages.
	// observed gives way to the program, which may have started or claimed the turn.
	observed vendorcall.Turn
	byAgent  bool

	isFinal     bool // A final transcript is known.
	isCommitted bool // The user's turn is complete.
	committed   time.Time
	expected    []otelvoice.Model // The recognisers that have not reported the user's words.
	isAnswering bool              // The agent has begun to prepare an answer.
	isCut       bool              // The answer was interrupted.
	cut         time.Time
	stages      int // Open stages of the answer.
	tools       tools
	queue       playout.Queue
	onset       onset
	part        time.Time     // When the newest part of the answer began to play.
	parts       int           // Those that have ended.
	isHeard     bool          // The agent's start is marked in the part.
	isPlaying   bool          // The provider plays the answer, and says when it ends.
	synthesized time.Duration // The audio that the providers sent.
	media       media.Frames  // The caller's audio, on a line.
	isNumbered  bool          // The line says where the frames belong, and how long they are: loss is known.
	quiet       time.Time     // When the last stage of the answer ended.
	rest        time.Duration // How long an answer without audio waits for it from then on.
}

// isProgram reports whether the program has the turn, and ends it.
func (t *turn) isProgram() bool { return t.observed == nil || t.observed.IsClaimed() }

// mark marks an instant of the turn, unless the program has marked the same.
func (t *turn) mark(mark otelvoice.Mark, at time.Time) {
	if t.observed != nil {
		t.observed.MarkObserved(uint8(mark), at, "")
	}
}

// isAudible reports whether the agent was heard in the turn.
func (t *turn) isAudible() bool { return !t.queue.Started().IsZero() }

// isMeasured reports whether it is known how much audio was queued, or that it was played.
func (t *turn) isMeasured() bool { return t.queue.Added() > 0 || t.queue.Confirmed }

// unsent returns how much of the answer's audio was not sent to be played. It is 0 if the providers do not
// say how much there is, or the line does not.
func (t *turn) unsent() time.Duration {
	if t.isAudible() && t.queue.Added() == 0 {
		return 0 // The format of the line is unknown, and with it how much was sent.
	}
	return t.synthesized - t.queue.Added()
}

// isWorking reports whether more of the answer is to come.
func (t *turn) isWorking() bool { return t.stages > 0 || t.tools.isOpen() || t.isPlaying }

// isOver reports whether the answer was played, or has no audio, and no more of it is to come.
func (t *turn) isOver(now time.Time) bool {
	if t.isWorking() || t.queue.Waiting(now) {
		return t.isCut && now.Sub(t.cut) > pause
	}
	if t.isCut {
		return true
	}
	if !t.isAudible() {
		return !t.quiet.IsZero() && now.Sub(t.quiet) >= t.rest
	}
	last := t.queue.Ends()
	if t.quiet.After(last) {
		last = t.quiet
	}
	return now.Sub(last) >= pause
}

// newest returns the open turn that started last, or nil.
func (c *Call) newest() *turn {
	if len(c.turns) == 0 {
		return nil
	}
	return c.turns[len(c.turns)-1]
}

// openTurn returns the open turn that started last, or nil, after it ended that turn if it is over.
func (c *Call) openTurn(now time.Time) *turn {
	if t := c.newest(); t != nil && t.isOver(now) && !t.isProgram() {
		c.finish(t)
	}
	return c.newest()
}

// userTurn returns the turn of what the user says, whose speech started at a time. It is the newest
// one until the agent was heard in it: a user who goes on before the agent's answer is heard goes on
// with the same turn. It is nil if the program starts the turns and has started none.
func (c *Call) userTurn(started, now time.Time) *turn {
	c.speaking = time.Time{}
	t := c.openTurn(now)
	switch {
	case c.config.ProgramTurns:
		return t
	case t == nil, t.byAgent, t.isCut:
	case !t.isAudible(), started.Before(t.queue.Started()):
		t.isCommitted, t.isFinal = false, false
		return t
	}
	return c.startUserTurn(started)
}

// unheardTurn returns the turn of a user whom nothing has heard but the model that answers now. When the
// user began is not known, except that a model that was interrupted heard the user then.
func (c *Call) unheardTurn(now time.Time) *turn {
	if c.isSpeaking(now) {
		return c.userTurn(c.speaking, now)
	}
	t := c.openTurn(now)
	if c.config.ProgramTurns || t != nil && !t.byAgent && !t.isCut && !t.isAudible() {
		return t
	}
	return c.startTurn(now, false)
}

// answerTurn returns the turn of an answer that begins. If no turn waits for an answer, the agent
// speaks first.
func (c *Call) answerTurn(now time.Time) *turn {
	t := c.openTurn(now)
	switch {
	case c.config.ProgramTurns && t == nil:
		return nil
	case c.config.ProgramTurns:
	case t == nil, t.isCut && !c.isSpeaking(now):
		t = c.startTurn(now, true)
	}
	t.isAnswering = true
	return t
}

// startUserTurn starts a turn with the user's speech.
func (c *Call) startUserTurn(started time.Time) *turn {
	t := c.startTurn(started, false)
	t.mark(otelvoice.UserStarted, started)
	return t
}

// startTurn starts a turn. The lock is held.
func (c *Call) startTurn(started time.Time, byAgent bool) *turn {
	c.start()
	if len(c.turns) == maxTurns {
		c.finish(c.turns[0])
	}
	id := newTurnID()
	c.starting.Store(&id) // The call observes this turn, too, while the lock is held.
	opts := []otelvoice.TurnOption{otelvoice.WithStartTime(started), otelvoice.WithTurnID(id)}
	if byAgent {
		opts = append(opts, otelvoice.AgentInitiated())
	}
	t := &turn{byAgent: byAgent}
	if !byAgent {
		c.expect(t)
	}
	t.ctx, t.handle = c.session.StartTurn(vendorcall.ObservedTurn(c.sessionCtx), opts...)
	t.observed = vendorcall.TurnFromContext(t.ctx)
	c.turns = append(c.turns, t)
	c.current.Store(&present{t.ctx})
	return t
}

// newTurnID returns a random ID, in the form of those of package otelvoice.
func newTurnID() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // It never fails.
	return "turn_" + hex.EncodeToString(b[:])
}

// turnStarted observes the turns that the program starts.
func (c *Call) turnStarted(handle *otelvoice.Turn) (ended func()) {
	if id := c.starting.Load(); id != nil && *id == handle.ID() {
		return nil
	}
	t := &turn{handle: handle}
	if !c.locked(func(time.Time) {
		t.ctx = c.session.Context(c.sessionCtx)
		t.observed = vendorcall.TurnFromContext(t.ctx)
		c.turns = append(c.turns, t)
		c.current.Store(&present{t.ctx})
	}) {
		return nil
	}
	return func() { c.locked(func(time.Time) { c.remove(t) }) }
}

// commit records that the user's turn is complete.
func (c *Call) commit(t *turn, at time.Time) {
	if t == nil || t.isCommitted {
		return
	}
	t.isCommitted, t.committed = true, at
	t.mark(otelvoice.TurnCommitted, at)
}

// finish ends a turn whose answer was played or cut.
func (c *Call) finish(t *turn) {
	c.cutOff(t)
	c.remove(t)
	c.record(t, t.queue.Ends())
	if t.observed != nil {
		t.observed.EndObserved()
	}
}

// hangUp ends a turn with the call. A turn whose answer is not over is ended by the session, as abandoned.
// A tool may run: what it would have led to is not known. Nor is, of a codec without a known bit rate, whether the
// answer was played, unless the line says so.
func (c *Call) hangUp(t *turn, now time.Time) {
	isPlaying := t.isPlaying
	t.played(now)
	stopped := t.queue.Ends()
	if stopped.After(now) {
		stopped = now
	}
	c.record(t, stopped)
	if !t.isProgram() && !isPlaying && (t.isCut || t.isAudible() && t.isMeasured() && t.stages == 0 && !t.queue.Ends().After(now) && t.unsent() < trimmed) {
		t.observed.EndObserved()
	}
}

// remove removes a turn from the open ones.
func (c *Call) remove(t *turn) {
	c.turns = slices.DeleteFunc(c.turns, func(o *turn) bool { return o == t })
	ctx := c.sessionCtx
	if n := c.newest(); n != nil {
		ctx = n.ctx
	}
	c.current.Store(&present{ctx})
}

// tick ends the turns that are over.
func (c *Call) tick(now time.Time) {
	for i := 0; i < len(c.turns); {
		if t := c.turns[i]; t.isOver(now) && !t.isProgram() {
			c.finish(t)
			continue
		}
		i++
	}
}

// stopped records the end of the user's speech, if nothing else says it.
func (t *turn) stopped(at time.Time) {
	if t != nil && t.observed != nil {
		t.observed.MarkObserved(uint8(otelvoice.UserStopped), at, string(otelvoice.AnchorManual))
	}
}

// begun returns when the user's speech began, or a time if that is not known.
func (c *Call) begun(at time.Time) time.Time {
	if c.isSpeaking(at) {
		return c.speaking
	}
	return at
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
)

// cutting is what may become an interruption.
type cutting struct {
	since    time.Time
	told     bool          // The recogniser marks the turn with it.
	position time.Duration // What the user had heard then.
	frames   []Frame
	size     int
	news     []recognition // What was understood of it by a recogniser that stays connected.
}

// speaker is a reply under way.
type speaker struct {
	*reply

	res    Result
	cancel context.CancelCauseFunc
	done   chan struct{}
	err    error // Once done.
}

// interrupt is a user who has cut the agent short: theirs is the next turn.
func (c *call) interrupt(ctx context.Context) {
	cut := c.cutting
	c.cutting = nil
	if c.speaker != nil {
		c.speaker.turn.Interrupt(otelvoice.AudioActivity, otelvoice.PlayedFor(cut.position), otelvoice.InterruptedAt(cut.since))
		c.speaker.cancel(otelvoice.ErrInterrupted)
	}
	c.startTurn(ctx, cut.since, cut.told)
	for _, f := range cut.frames {
		c.turn.audio.add(f)
	}
	for _, r := range cut.news {
		c.recognised(ctx, r)
	}
}

// greet opens the call.
func (c *call) greet(ctx context.Context) {
	ctx, turn := c.session.StartTurn(ctx, otelvoice.AgentInitiated())
	ctx, cancel := context.WithCancelCause(ctx)
	r := c.p.reply(turn, c.messages, c.out)
	c.speak(ctx, cancel, r, Result{}, func(ctx context.Context) error {
		return r.run(ctx, say(c.p.cfg.Greeting))
	})
}

// speak runs a reply to its end, which is that of its turn.
func (c *call) speak(ctx context.Context, cancel context.CancelCauseFunc, r *reply, res Result, work func(context.Context) error) {
	s := &speaker{reply: r, res: res, cancel: cancel, done: make(chan struct{})}
	c.speaker = s
	go func() {
		defer close(s.done)
		s.err = work(ctx)
		s.end(ctx, s.err)
		c.replied <- struct{}{} // Has room: one speaks at a time.
	}()
}

// finishReply takes what was said into the conversation.
func (c *call) finishReply() {
	s := c.speaker
	if s == nil {
		return
	}
	<-s.done
	c.speaker = nil
	s.cancel(nil)
	s.tell(&s.res)
	c.messages = append(c.messages, s.res.Messages...)
	c.tell(s.res, s.turn, s.err)
}

// waitForSpeaker waits for a reply that was cancelled.
func (c *call) waitForSpeaker() {
	if c.speaker != nil {
		<-c.replied
		c.finishReply()
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/reply"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// bargeIn is speech of the user while the agent speaks. It may become an interruption.
type bargeIn struct {
	since    time.Time
	marked   bool          // The recognizer marks the start on the turn.
	position time.Duration // How much of the agent's voice the user had heard.
	frames   []voiceprovider.Frame
	size     int
	updates  []update // From a streaming recognizer.
}

// agentTurn is a reply in progress.
type agentTurn struct {
	*reply.Reply

	res    Result
	cancel context.CancelCauseFunc
	done   chan struct{}
	err    error // Valid once done is closed.
}

// interrupt ends the agent's turn and starts the user's.
func (c *call) interrupt(ctx context.Context) {
	b := c.barge
	c.barge = nil
	c.startTurn(ctx, b.since, b.marked) // Before the agent's turn ends, which tells how long both spoke.
	if c.agent != nil {
		c.agent.Turn.Interrupt(otelvoice.AudioActivity, otelvoice.PlayedFor(b.position), otelvoice.InterruptedAt(b.since))
		c.agent.cancel(otelvoice.ErrInterrupted)
	}
	for _, f := range b.frames {
		c.turn.audio.Add(f)
	}
	for _, u := range b.updates {
		c.updated(ctx, u)
	}
}

// greet starts the call with the greeting.
func (c *call) greet(ctx context.Context) {
	ctx, turn := c.session.StartTurn(ctx, otelvoice.AgentInitiated())
	ctx, cancel := context.WithCancelCause(ctx)
	r := c.p.reply(turn, c.messages, c.out)
	c.speak(ctx, cancel, r, Result{}, func(ctx context.Context) error { return r.Say(ctx, c.p.cfg.Greeting) })
}

// speak runs a reply and ends its turn.
func (c *call) speak(ctx context.Context, cancel context.CancelCauseFunc, r *reply.Reply, res Result, work func(context.Context) error) {
	a := &agentTurn{Reply: r, res: res, cancel: cancel, done: make(chan struct{})}
	c.agent = a
	go func() {
		defer close(a.done)
		a.err = work(ctx)
		a.End(ctx, a.err)
		c.replied <- struct{}{} // Does not block: there is one reply at a time.
	}()
}

// finishReply adds the messages of a reply to the conversation.
func (c *call) finishReply() {
	a := c.agent
	if a == nil {
		return
	}
	<-a.done
	c.agent = nil
	a.cancel(nil)
	a.res.complete(a.Reply)
	c.messages = append(c.messages, a.res.Messages...)
	c.report(a.res, a.err)
}

// waitForAgent waits for a reply that was canceled.
func (c *call) waitForAgent() {
	if c.agent != nil {
		<-c.replied
		c.finishReply()
	}
}

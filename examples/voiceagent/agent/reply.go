// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/wire"
	"github.com/voice-agents/telemetry/otelvoice"
)

// A reply is the agent's part of one turn, from the caller's silence to the end
// of the agent's voice. Methods on a nil reply do nothing.
type reply struct {
	*call
	turn   *otelvoice.Turn
	cancel context.CancelCauseFunc
	ended  chan struct{}
	played atomic.Int64 // Nanoseconds of audio.
}

// greet opens the conversation: nobody has asked for this turn.
func (c *call) greet(ctx context.Context) *reply {
	ctx, turn := c.session.StartTurn(ctx, otelvoice.AgentInitiated())
	return c.start(ctx, turn, func(r *reply, ctx context.Context) error {
		return r.converse(ctx, func(_ context.Context, sentences chan<- string) error {
			sentences <- greeting
			return nil
		})
	})
}

// respond answers what the caller said, in the background.
func (c *call) respond(ctx context.Context, turn *otelvoice.Turn, heard utterance, stopped time.Time) *reply {
	return c.start(ctx, turn, func(r *reply, ctx context.Context) error {
		if err := r.understand(ctx, heard); err != nil {
			return err
		}
		// Most of the time that the agent allows for second thoughts has passed
		// while the transcript was made.
		left := endpointing - time.Duration(float64(time.Since(stopped))*float64(r.agent.Speed))
		if err := r.agent.Speed.Wait(ctx, left); err != nil {
			return err
		}
		turn.Mark(otelvoice.TurnCommitted)
		return r.converse(ctx, r.think)
	})
}

// start runs a reply to its end, which is that of its turn.
func (c *call) start(ctx context.Context, turn *otelvoice.Turn, work func(*reply, context.Context) error) *reply {
	ctx, cancel := context.WithCancelCause(ctx)
	r := &reply{call: c, turn: turn, cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		defer cancel(nil)
		defer turn.End() // Only a panic leaves it for here.
		r.end(ctx, work(r, ctx))
	}()
	return r
}

// end tells the caller, and the turn, how the reply went.
func (r *reply) end(ctx context.Context, err error) {
	frame := wire.Done
	switch {
	case err == nil:
	case errors.Is(context.Cause(ctx), otelvoice.ErrInterrupted):
		frame = wire.Cleared
	case ctx.Err() != nil: // The caller hung up.
		r.turn.SetOutcome(otelvoice.Abandoned)
		r.turn.End()
		return
	default:
		r.turn.Fail(err)
		frame = wire.Failed
	}
	// The turn ends before the caller knows: a caller who answers at once would
	// seem to interrupt it.
	r.turn.End()
	// The turn ends before the caller is told: what they say next is no barge-in.
	r.turn.End()
	if err := r.line.send(frame, nil); err != nil {
		slog.WarnContext(ctx, "the caller cannot be told that the reply has ended", "error", err)
	}
}

// converse speaks the sentences of source as they come: while the last ones are
// still being thought of, the first are already being played. It returns when
// all has been played, or why not.
func (r *reply) converse(ctx context.Context, source func(context.Context, chan<- string) error) error {
	// A reply may wait in full for its turn to be played; a stage that had to
	// wait for the audio before it would seem slower than it is.
	const plenty = 4096
	sentences, audio := make(chan string, plenty), make(chan []byte, plenty)

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var steps sync.WaitGroup
	step := func(do func() error) {
		steps.Go(func() {
			if err := do(); err != nil {
				cancel(err) // The first error stops the other steps.
			}
		})
	}
	step(func() error { defer close(sentences); return source(ctx, sentences) })
	step(func() error { defer close(audio); return r.speak(ctx, sentences, audio) })
	step(func() error { return r.play(ctx, audio) })
	steps.Wait()
	return context.Cause(ctx)
}

// interrupt is the barge-in: the caller speaks, so the agent falls silent. It
// returns when it has. Nothing happens to a reply that has ended.
func (r *reply) interrupt() {
	if r == nil {
		return
	}
	r.turn.Interrupt(otelvoice.AudioActivity, otelvoice.PlayedFor(time.Duration(r.played.Load())))
	r.cancel(otelvoice.ErrInterrupted)
	r.wait()
}

// wait returns when the reply has ended.
func (r *reply) wait() {
	if r != nil {
		<-r.ended
	}
}

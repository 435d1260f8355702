// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
)

// A Result is what was said in a turn.
type Result struct {
	// Transcript is what the user said, "" if nothing.
	Transcript string
	// Reply is what the user heard of the answer.
	Reply string
	// Messages are what the turn adds to the conversation.
	Messages []Message
	// Audio is the agent's voice, if there was no other output for it.
	Audio []Frame
}

// errHungUp is why a call's work is cancelled when the user hangs up.
var errHungUp = errors.New("voicepipe: the user hung up")

// Process answers one utterance, with the conversation so far, and plays the answer
// to out. With a nil out it is played to the result at once.
//
// The turn is one of the session in ctx; with none there it is in a session of its
// own. The end of the audio is the end of the user's speech; it is drawn in a goroutine
// that lasts until it gives its next frame, or ends, even if Process has returned. What was measured is
// there whatever the error, which is a [StageError] unless ctx ended. An utterance in
// which nobody speaks is no error: the turn is abandoned, and nothing is said.
func (p *Pipeline) Process(ctx context.Context, audio iter.Seq[Frame], history []Message, out Output) (res Result, m TurnMetrics, err error) {
	ctx, session, own := p.session(ctx)
	if own {
		defer session.End()
	}
	var kept collector
	if out == nil {
		out = &kept
	}
	ctx, turn := session.StartTurn(ctx)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer turn.End() // Only a panic leaves it for here.

	recorded := newRecording()
	go recorded.record(audio, func() { turn.UserStopped(time.Time{}, otelvoice.AnchorManual) })
	r := p.reply(turn, history, out)
	res.Transcript, err = p.listen(ctx, p.cfg.STT, recorded, func(Transcript) {})
	recorded.close()
	switch {
	case err != nil:
	case res.Transcript == "":
		turn.SetOutcome(otelvoice.Abandoned)
	default:
		turn.Mark(otelvoice.TurnCommitted)
		err = r.answer(ctx, res.Transcript)
	}
	r.end(ctx, err)
	r.tell(&res)
	res.Audio = kept.all()
	return res, metricsOf(turn), err
}

// collector is an output that keeps what is played.
type collector struct {
	mu     sync.Mutex
	frames []Frame
}

// Play keeps the frame.
func (c *collector) Play(_ context.Context, f Frame) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frames = append(c.frames, f)
	return nil
}

func (c *collector) all() []Frame {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.frames)
}

// session returns the session of ctx, else one of its own.
func (p *Pipeline) session(ctx context.Context) (_ context.Context, session *otelvoice.Session, own bool) {
	if session := otelvoice.SessionFromContext(ctx); session != nil {
		return ctx, session, false
	}
	ctx, session = p.cfg.Telemetry.StartSession(ctx, otelvoice.WithPipelineID(p.cfg.ID), otelvoice.WithChannel(p.cfg.Channel))
	return ctx, session, true
}

// reply returns the agent's part of a turn, which has not begun.
func (p *Pipeline) reply(turn *otelvoice.Turn, history []Message, out Output) *reply {
	r := &reply{p: p, turn: turn, player: player{out: out, patience: p.cfg.Timeouts.Playout}}
	if p.cfg.Instructions != "" && (len(history) == 0 || history[0].Role != System) {
		r.messages = append(r.messages, Message{Role: System, Text: p.cfg.Instructions})
	}
	r.messages = append(r.messages, history...)
	return r
}

// answer answers what the user said.
func (r *reply) answer(ctx context.Context, transcript string) error {
	r.messages = append(slices.Clip(r.messages), Message{Role: User, Text: transcript})
	return r.run(ctx, r.think)
}

// tell says what was said.
func (r *reply) tell(res *Result) {
	if res.Transcript != "" {
		res.Messages = append(res.Messages, Message{Role: User, Text: res.Transcript})
	}
	added, heard := r.added()
	res.Reply = heard
	res.Messages = append(res.Messages, added...)
}

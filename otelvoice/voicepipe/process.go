// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/audio"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/reply"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// A Result is a turn and what was said in it.
type Result struct {
	// Turn is the turn, which has ended. Its methods return the ID, the outcome, the
	// latency, the interruption and the stages.
	Turn *otelvoice.Turn
	// Transcript is what the user said; "" is nothing.
	Transcript string
	// Reply is the part of the answer that the user heard.
	Reply string
	// Messages are the messages that the turn adds to the conversation.
	Messages []voiceprovider.Message
	// Audio is the agent's voice, if [Pipeline.Process] was called without an output.
	Audio []voiceprovider.Frame
}

// Process answers one utterance, given the conversation so far, and plays the answer to out.
// With a nil out, the result has the audio.
//
// The turn belongs to the session in ctx, or to a session of its own if there is none. The
// end of the audio is the end of the user's speech. The audio is read in a goroutine that
// lasts until the sequence yields its next frame or ends, even if Process has returned.
// The result is valid with an error, too. The error is a [voiceprovider.StageError] unless ctx
// ended. An utterance without words is not an error: the turn is abandoned without an answer.
func (p *Pipeline) Process(ctx context.Context, frames iter.Seq[voiceprovider.Frame], history []voiceprovider.Message, out Output) (res Result, err error) {
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
	defer turn.End() // The turn has ended unless there was a panic.

	recording := audio.NewRecording()
	go recording.Record(frames, func() { turn.UserStopped(time.Time{}, otelvoice.AnchorManual) })
	r := p.reply(turn, history, playsTo(out))
	res.Transcript, err = p.transcribe(ctx, p.cfg.STT, recording, func(voiceprovider.Transcript) {})
	recording.Close()
	switch {
	case err != nil:
	case res.Transcript == "":
		turn.SetOutcome(otelvoice.Abandoned)
	default:
		turn.Mark(otelvoice.TurnCommitted)
		err = r.Answer(ctx, res.Transcript)
	}
	r.End(ctx, err)
	res.complete(r)
	res.Audio = kept.all()
	return res, err
}

// complete fills in what a reply that has ended added.
func (res *Result) complete(r *reply.Reply) {
	res.Turn = r.Turn
	if res.Transcript != "" {
		res.Messages = append(res.Messages, voiceprovider.Message{Role: voiceprovider.User, Text: res.Transcript})
	}
	added, heard := r.Added()
	res.Reply = heard
	res.Messages = append(res.Messages, added...)
}

// collector is an output that keeps the frames.
type collector struct {
	mu     sync.Mutex
	frames []voiceprovider.Frame
}

// Play keeps the frame.
func (c *collector) Play(_ context.Context, f voiceprovider.Frame) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frames = append(c.frames, f)
	return nil
}

func (c *collector) all() []voiceprovider.Frame {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.frames)
}

// playsTo returns what the replies of a call play to. A nil output fails as a stage does.
func playsTo(out Output) *reply.Output {
	return reply.NewOutput(func(ctx context.Context, f voiceprovider.Frame) error { return out.Play(ctx, f) })
}

// session returns the session of ctx, or a new one.
func (p *Pipeline) session(ctx context.Context) (_ context.Context, session *otelvoice.Session, own bool) {
	if session := otelvoice.SessionFromContext(ctx); session != nil {
		return ctx, session, false
	}
	ctx, session = p.cfg.Telemetry.StartSession(ctx, otelvoice.WithPipelineID(p.cfg.ID), otelvoice.WithChannel(p.cfg.Channel))
	return ctx, session, true
}

// reply returns the agent's part of a turn, which has not begun.
func (p *Pipeline) reply(turn *otelvoice.Turn, history []voiceprovider.Message, out *reply.Output) *reply.Reply {
	var messages []voiceprovider.Message
	if p.cfg.Instructions != "" && (len(history) == 0 || history[0].Role != voiceprovider.System) {
		messages = append(messages, voiceprovider.Message{Role: voiceprovider.System, Text: p.cfg.Instructions})
	}
	return reply.New(&p.replies, turn, append(messages, history...), out)
}

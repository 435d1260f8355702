// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package reply is the agent's part of a turn, from the user's words to the end of the
// agent's voice.
package reply

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/stage"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/wait"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// A Config is what replies need of a pipeline.
type Config struct {
	LLM       []voiceprovider.Responder
	TTS       []voiceprovider.Synthesizer
	Tools     []voiceprovider.Tool
	MaxRounds int
	Retry     stage.Retry
	// The timeouts of stages.
	LLMTimeout, TTSTimeout, ToolTimeout, PlayoutTimeout time.Duration
}

// A Reply is the agent's part of a turn.
type Reply struct {
	Turn *otelvoice.Turn

	cfg      *Config
	player   player
	messages []voiceprovider.Message // The conversation, with the user's words.
	rounds   []round                 // The rounds of tool calls in this reply.
}

// New returns a reply that has not begun.
func New(cfg *Config, turn *otelvoice.Turn, messages []voiceprovider.Message, out *Output) *Reply {
	return &Reply{
		Turn: turn, cfg: cfg, messages: messages,
		player: player{out: out, timeout: cfg.PlayoutTimeout},
	}
}

// The queues between the steps hold a long answer, for example 20 s of frames of 20 ms. A
// stage that waited until earlier audio was played would seem slower than it is.
const (
	queuedSegments = 256
	queuedFrames   = 1024
)

// source sends the segments of a reply.
type source func(ctx context.Context, out chan<- segment) error

// Answer answers what the user said. It returns when the answer was played, or the error.
func (r *Reply) Answer(ctx context.Context, transcript string) error {
	r.messages = append(slices.Clip(r.messages), voiceprovider.Message{Role: voiceprovider.User, Text: transcript})
	return r.run(ctx, r.generate)
}

// Say speaks a text. It returns when the text was played, or the error.
func (r *Reply) Say(ctx context.Context, text string) error {
	return r.run(ctx, func(ctx context.Context, out chan<- segment) error {
		return wait.Send(ctx, out, segment{text: text})
	})
}

// run synthesizes and plays the segments of a source as they arrive. The first error stops
// the other steps.
func (r *Reply) run(ctx context.Context, from source) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	segments, audio := make(chan segment, queuedSegments), make(chan *speech, queuedFrames)
	var steps sync.WaitGroup
	step := func(do func() error) {
		steps.Go(func() {
			if err := do(); err != nil {
				cancel(err)
			}
		})
	}
	step(func() error { defer close(segments); return from(ctx, segments) })
	step(func() error { defer close(audio); return r.synthesize(ctx, segments, audio) })
	step(func() error { return r.player.play(ctx, r.Turn, audio) })
	steps.Wait()
	return context.Cause(ctx)
}

// synthesize synthesizes the segments, one after the other.
func (r *Reply) synthesize(ctx context.Context, segments <-chan segment, audio chan<- *speech) error {
	for part := range segments {
		err := stage.Try(ctx, r.cfg.Retry, stage.TTS, r.cfg.TTSTimeout, r.cfg.TTS, func(ctx context.Context, tts voiceprovider.Synthesizer) (begun bool, err error) {
			begins := part
			text := func(yield func(string) bool) { yield(strings.TrimSpace(part.text)) }
			for frame, err := range tts.Synthesize(ctx, text) {
				if err != nil {
					return begun, err
				}
				begun = true
				if err := wait.Send(ctx, audio, &speech{frame, begins}); err != nil {
					return begun, err
				}
				begins = segment{}
			}
			return begun, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Pause stops playing after the current piece of audio.
func (r *Reply) Pause() { r.player.pause() }

// Resume continues after a pause.
func (r *Reply) Resume() { r.player.resume() }

// Position is how much of the agent's voice the user has heard.
func (r *Reply) Position() time.Duration { return r.player.position() }

// Added returns the messages that the reply adds to the conversation, and the text that the
// user heard. Text that was not played is in neither.
func (r *Reply) Added() (messages []voiceprovider.Message, heard string) {
	var all []string
	for i, round := range r.rounds {
		said := r.player.spoken(i)
		messages = round.appendTo(messages, said)
		all = append(all, said)
	}
	if last := r.player.spoken(len(r.rounds)); last != "" {
		messages = append(messages, voiceprovider.Message{Role: voiceprovider.Assistant, Text: last})
		all = append(all, last)
	}
	return messages, strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), " ")
}

// ErrHungUp is the cause of canceling a call's work when the user hangs up.
var ErrHungUp = errors.New("voicepipe: the user hung up")

// End ends the turn by the result of its work.
func (r *Reply) End(ctx context.Context, err error) {
	if err != nil && ctx.Err() != nil {
		// A canceled turn has not failed.
		if err = context.Cause(ctx); !errors.Is(err, otelvoice.ErrInterrupted) {
			err = ErrHungUp
		}
	}
	EndTurn(r.Turn, err)
}

// EndTurn ends a turn by the result of its work. When the user hangs up, the turn is
// abandoned; it is neither interrupted nor failed.
func EndTurn(turn *otelvoice.Turn, err error) {
	switch {
	case err == nil || errors.Is(err, otelvoice.ErrInterrupted):
	case errors.Is(err, ErrHungUp):
		turn.SetOutcome(otelvoice.Abandoned)
	default:
		turn.Fail(err)
	}
	turn.End()
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/voice-agents/telemetry/otelvoice"
)

// reply is the agent's part of a turn: from the user's words to the end of the
// agent's voice.
type reply struct {
	p        *Pipeline
	turn     *otelvoice.Turn
	player   player
	messages []Message // The conversation, with what the user said.
	rounds   []Message // The tool calls of this reply, and what they found.
}

// The queues between the steps hold a long answer, such as 20 s of frames of 20 ms:
// a stage that had to wait until the audio before it was played would seem slower
// than it is.
const (
	queuedSentences = 256
	queuedFrames    = 1024
)

// source gives the sentences of a reply.
type source func(ctx context.Context, out chan<- string) error

// run speaks the sentences of a source as they come. It returns when all has been
// played, or why not. The first error stops the other steps.
func (r *reply) run(ctx context.Context, from source) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sentences, audio := make(chan string, queuedSentences), make(chan *speech, queuedFrames)
	var steps sync.WaitGroup
	step := func(do func() error) {
		steps.Go(func() {
			if err := do(); err != nil {
				cancel(err)
			}
		})
	}
	step(func() error { defer close(sentences); return from(ctx, sentences) })
	step(func() error { defer close(audio); return r.speak(ctx, sentences, audio) })
	step(func() error { return r.player.play(ctx, r.turn, audio) })
	steps.Wait()
	return context.Cause(ctx)
}

// say is the source of what is known.
func say(text string) source {
	return func(ctx context.Context, out chan<- string) error {
		return send(ctx, out, text)
	}
}

// think is the source of a model's answer. A model that calls tools is asked again
// with what they found.
func (r *reply) think(ctx context.Context, out chan<- string) error {
	for range r.p.cfg.MaxRounds {
		calls, err := r.ask(ctx, out)
		if err != nil || len(calls) == 0 {
			return err
		}
		round := []Message{{Role: Assistant, ToolCalls: calls}}
		for _, call := range calls {
			result, err := r.use(ctx, call)
			if err != nil {
				return err
			}
			round = append(round, Message{Role: ToolRole, ToolCallID: call.ID, Text: result})
		}
		r.rounds = append(r.rounds, round...) // Whole: a call without its result is refused.
	}
	return stageError(stageLLM, ErrRounds)
}

// ask asks the model once, and hands on its sentences.
func (r *reply) ask(ctx context.Context, out chan<- string) (calls []ToolCall, err error) {
	req := Request{Messages: slices.Concat(r.messages, r.rounds), Tools: r.p.cfg.Tools}
	err = try(ctx, r.p, stageLLM, r.p.cfg.Timeouts.LLM, r.p.cfg.LLM, func(ctx context.Context, llm Responder) (begun bool, err error) {
		var text sentences
		calls = nil
		for chunk, err := range llm.Respond(ctx, req) {
			if err != nil {
				return begun, err
			}
			calls = append(calls, chunk.ToolCalls...)
			for _, sentence := range text.add(chunk.Text) {
				begun = true
				if err := send(ctx, out, sentence); err != nil {
					return begun, err
				}
			}
		}
		if last := text.last(); last != "" {
			return true, send(ctx, out, last)
		}
		return begun, nil
	})
	return calls, err
}

// use runs a tool. What goes wrong is the model's to hear, unless the reply is over.
func (r *reply) use(ctx context.Context, call ToolCall) (result string, err error) {
	ctx, stage := r.turn.StartTool(ctx, call.Name)
	stage.SetCallID(call.ID)
	stage.SetArguments(call.Arguments)
	i := slices.IndexFunc(r.p.cfg.Tools, func(t Tool) bool { return t.Name == call.Name && t.Call != nil })
	if i < 0 {
		err = errors.New("voicepipe: no such tool")
	} else {
		result, err = guard(ctx, r.p.cfg.Timeouts.Tool, func(ctx context.Context) (string, error) {
			return r.p.cfg.Tools[i].Call(ctx, call.Arguments)
		})
	}
	stage.SetResult(result)
	stage.End(err)
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil {
		result = "error: " + err.Error()
	}
	return result, nil
}

// speak has the sentences spoken, one after the other.
func (r *reply) speak(ctx context.Context, sentences <-chan string, audio chan<- *speech) error {
	for sentence := range sentences {
		err := try(ctx, r.p, stageTTS, r.p.cfg.Timeouts.TTS, r.p.cfg.TTS, func(ctx context.Context, tts Synthesizer) (begun bool, err error) {
			text := sentence
			for frame, err := range tts.Synthesize(ctx, once(sentence)) {
				if err != nil {
					return begun, err
				}
				begun = true
				if err := send(ctx, audio, &speech{frame, text}); err != nil {
					return begun, err
				}
				text = ""
			}
			return begun, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// added returns the messages that the reply adds to the conversation: what the user
// did not hear was not said.
func (r *reply) added() (messages []Message, heard string) {
	heard = strings.Join(r.player.heard(), " ")
	messages = r.rounds
	if heard != "" {
		messages = append(messages, Message{Role: Assistant, Text: heard})
	}
	return messages, heard
}

// end ends the turn by how its work ended.
func (r *reply) end(ctx context.Context, err error) {
	if err != nil && ctx.Err() != nil {
		// What fails because it was cancelled has not failed.
		if err = context.Cause(ctx); !errors.Is(err, otelvoice.ErrInterrupted) {
			err = errHungUp
		}
	}
	endTurn(r.turn, err)
}

// endTurn ends a turn by how its work ended. A user who hangs up abandons it; they
// do not interrupt it, nor did it fail.
func endTurn(turn *otelvoice.Turn, err error) {
	switch {
	case err == nil || errors.Is(err, otelvoice.ErrInterrupted):
	case errors.Is(err, errHungUp):
		turn.SetOutcome(otelvoice.Abandoned)
	default:
		turn.Fail(err)
	}
	turn.End()
}

func once(text string) iter.Seq[string] {
	return func(yield func(string) bool) { yield(text) }
}

// send hands a value on unless ctx ends first.
func send[T any](ctx context.Context, to chan<- T, value T) error {
	select {
	case to <- value:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

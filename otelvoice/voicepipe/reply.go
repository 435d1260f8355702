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
	rounds   []round   // The tool calls of this reply.
}

// round is an answer of the model that calls tools, and what they returned.
type round struct {
	said    string // The words beside the calls.
	calls   []ToolCall
	results []Message
}

// appendTo appends the messages of a round, of which the user heard what is given.
func (r round) appendTo(messages []Message, heard string) []Message {
	messages = append(messages, Message{Role: Assistant, Text: heard, ToolCalls: r.calls})
	return append(messages, r.results...)
}

// The queues between the steps hold a long answer, such as 20 s of frames of 20 ms:
// a stage that had to wait until the audio before it was played would seem slower
// than it is.
const (
	queuedSegments = 256
	queuedFrames   = 1024
)

// source gives the segments of a reply.
type source func(ctx context.Context, out chan<- segment) error

// run speaks the segments of a source as they come. It returns when all has been
// played, or why not. The first error stops the other steps.
func (r *reply) run(ctx context.Context, from source) error {
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
	step(func() error { defer close(audio); return r.speak(ctx, segments, audio) })
	step(func() error { return r.player.play(ctx, r.turn, audio) })
	steps.Wait()
	return context.Cause(ctx)
}

// say is the source of what is known.
func say(text string) source {
	return func(ctx context.Context, out chan<- segment) error {
		return send(ctx, out, segment{text: text})
	}
}

// think is the source of a model's answer. A model that calls tools is asked again
// with what they found.
func (r *reply) think(ctx context.Context, out chan<- segment) error {
	for range r.p.cfg.MaxRounds {
		round, err := r.ask(ctx, out)
		if err != nil || len(round.calls) == 0 {
			return err
		}
		for _, call := range round.calls {
			result, err := r.use(ctx, call)
			if err != nil {
				return err
			}
			round.results = append(round.results, Message{Role: ToolRole, ToolCallID: call.ID, Text: result})
		}
		r.rounds = append(r.rounds, round) // Whole: a call without its result is refused.
	}
	return stageError(stageLLM, ErrRounds)
}

// ask asks the model once, and hands on the segments of its answer. The model reads
// all of what it said in earlier rounds, whether the user has heard it yet or not.
func (r *reply) ask(ctx context.Context, out chan<- segment) (answer round, err error) {
	req := Request{Messages: slices.Clone(r.messages), Tools: r.p.cfg.Tools}
	for _, earlier := range r.rounds {
		req.Messages = earlier.appendTo(req.Messages, earlier.said)
	}
	err = try(ctx, r.p, stageLLM, r.p.cfg.Timeouts.LLM, r.p.cfg.LLM, func(ctx context.Context, llm Responder) (begun bool, err error) {
		var text segmenter
		var said strings.Builder
		answer = round{}
		hand := func(parts ...string) error {
			for _, part := range parts {
				if !speakable(part) {
					continue // Only the last may be that: white space, or a smile.
				}
				begun = true
				if err := send(ctx, out, segment{part, len(r.rounds)}); err != nil {
					return err
				}
			}
			return nil
		}
		for chunk, err := range llm.Respond(ctx, req) {
			if err != nil {
				return begun, err
			}
			said.WriteString(chunk.Text)
			if err := hand(text.add(chunk.Text)...); err != nil {
				return begun, err
			}
			if len(chunk.ToolCalls) > 0 { // The words before them are whole.
				answer.calls = append(answer.calls, chunk.ToolCalls...)
				if err := hand(text.last()); err != nil {
					return begun, err
				}
			}
		}
		if err := hand(text.last()); err != nil {
			return begun, err
		}
		answer.said = strings.TrimSpace(said.String())
		if !begun && len(answer.calls) == 0 && len(r.rounds) == 0 {
			return false, ErrNothing
		}
		return begun, nil
	})
	return answer, err
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

// speak has the segments spoken, one after the other.
func (r *reply) speak(ctx context.Context, segments <-chan segment, audio chan<- *speech) error {
	for part := range segments {
		err := try(ctx, r.p, stageTTS, r.p.cfg.Timeouts.TTS, r.p.cfg.TTS, func(ctx context.Context, tts Synthesizer) (begun bool, err error) {
			begins := part
			for frame, err := range tts.Synthesize(ctx, once(strings.TrimSpace(part.text))) {
				if err != nil {
					return begun, err
				}
				begun = true
				if err := send(ctx, audio, &speech{frame, begins}); err != nil {
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

// added returns the messages that the reply adds to the conversation, in the order in
// which they were said: what the user did not hear was not said.
func (r *reply) added() (messages []Message, heard string) {
	var all []string
	for i, round := range r.rounds {
		said := r.player.heard(i)
		messages = round.appendTo(messages, said)
		all = append(all, said)
	}
	if last := r.player.heard(len(r.rounds)); last != "" {
		messages = append(messages, Message{Role: Assistant, Text: last})
		all = append(all, last)
	}
	return messages, strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), " ")
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

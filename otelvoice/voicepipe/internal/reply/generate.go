// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package reply

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/pull"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/sentence"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/stage"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/wait"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// round is an answer of the model with tool calls, and their results.
type round struct {
	said    string // The text beside the calls.
	calls   []voiceprovider.ToolCall
	results []voiceprovider.Message
}

// appendTo appends the messages of a round, with the given text as the assistant's.
func (r round) appendTo(messages []voiceprovider.Message, text string) []voiceprovider.Message {
	messages = append(messages, voiceprovider.Message{Role: voiceprovider.Assistant, Text: text, ToolCalls: r.calls})
	return append(messages, r.results...)
}

// generate is the source of a model's answer. A model that calls tools is asked again with
// their results.
func (r *Reply) generate(ctx context.Context, out chan<- segment) error {
	for range r.cfg.MaxRounds {
		round, err := r.ask(ctx, out)
		if err != nil || len(round.calls) == 0 {
			return err
		}
		for _, call := range round.calls {
			result, err := r.callTool(ctx, call)
			if err != nil {
				return err
			}
			round.results = append(round.results, voiceprovider.Message{Role: voiceprovider.ToolRole, ToolCallID: call.ID, Text: result})
		}
		r.rounds = append(r.rounds, round) // Only complete rounds: providers reject a call without its result.
	}
	return stage.Wrap(stage.LLM, voiceprovider.ErrRounds)
}

// ask asks the model once and sends the segments of its answer. The request contains all
// that the model said in earlier rounds, whether or not the user has heard it yet.
func (r *Reply) ask(ctx context.Context, out chan<- segment) (answer round, err error) {
	req := voiceprovider.Request{Messages: slices.Clone(r.messages), Tools: r.cfg.Tools}
	for _, earlier := range r.rounds {
		req.Messages = earlier.appendTo(req.Messages, earlier.said)
	}
	err = stage.Try(ctx, r.cfg.Retry, stage.LLM, r.cfg.LLMTimeout, r.cfg.LLM, func(ctx context.Context, llm voiceprovider.Responder) (begun bool, err error) {
		var text sentence.Splitter
		var said strings.Builder
		answer = round{}
		send := func(parts ...string) error {
			for _, part := range parts {
				if !sentence.Speakable(part) {
					continue // Only the last part may be white space or an emoji.
				}
				begun = true
				if err := wait.Send(ctx, out, segment{part, len(r.rounds)}); err != nil {
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
			if err := send(text.Add(chunk.Text)...); err != nil {
				return begun, err
			}
			if len(chunk.ToolCalls) > 0 { // The text before the calls is complete.
				answer.calls = append(answer.calls, chunk.ToolCalls...)
				if err := send(text.Rest()); err != nil {
					return begun, err
				}
			}
		}
		if err := send(text.Rest()); err != nil {
			return begun, err
		}
		answer.said = strings.TrimSpace(said.String())
		if !begun && len(answer.calls) == 0 && len(r.rounds) == 0 {
			return false, voiceprovider.ErrNothing
		}
		return begun, nil
	})
	return answer, err
}

// callTool runs a tool. The model gets an error as the result, unless the reply was canceled.
func (r *Reply) callTool(ctx context.Context, call voiceprovider.ToolCall) (result string, err error) {
	ctx, tool := r.Turn.StartTool(ctx, call.Name)
	tool.SetCallID(call.ID)
	tool.SetArguments(call.Arguments)
	i := slices.IndexFunc(r.cfg.Tools, func(t voiceprovider.Tool) bool { return t.Name == call.Name && t.Call != nil })
	if i < 0 {
		err = errors.New("voicepipe: unknown tool")
	} else {
		result, err = pull.Call(ctx, r.cfg.ToolTimeout, func(ctx context.Context) (string, error) {
			return r.cfg.Tools[i].Call(ctx, call.Arguments)
		})
	}
	tool.SetResult(result)
	tool.End(err)
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil {
		result = "error: " + err.Error()
	}
	return result, nil
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/voice-agents/telemetry/examples/voiceagent/openai"
	"github.com/voice-agents/telemetry/otelvoice"
)

// maxRounds bounds how often one turn asks the model: one that does not stop
// calling tools keeps the caller waiting.
const maxRounds = 4

var errRounds = errors.New("agent: the model calls tools without end")

// think asks the model for an answer and passes it on sentence by sentence. A
// model that calls tools is asked again with what they found.
func (r *reply) think(ctx context.Context, sentences chan<- string) error {
	for range maxRounds {
		var calls []openai.ToolCall
		err := r.agent.retry(ctx, func() (err error) {
			calls, err = r.ask(ctx, sentences)
			return err
		})
		if err != nil || len(calls) == 0 {
			return err
		}
		results := []openai.Message{{Role: "assistant", ToolCalls: calls}}
		for _, call := range calls {
			found, err := r.use(ctx, call)
			if err != nil {
				return err
			}
			results = append(results, openai.Message{Role: "tool", ToolCallID: call.ID, Content: found})
		}
		// The model refuses a conversation in which a call has no result.
		r.messages = append(r.messages, results...)
	}
	return errRounds
}

// ask is one request to the model: one stage.
func (r *reply) ask(ctx context.Context, sentences chan<- string) ([]openai.ToolCall, error) {
	ctx, llm := r.turn.StartLLM(ctx, r.agent.Models.Chat)
	var calls []openai.ToolCall
	var text, sentence strings.Builder
	// Stream ends the stage when the answer is complete, breaks off, or is not
	// wanted any more.
	for word, err := range otelvoice.Stream(llm, r.words(ctx, llm, &calls)) {
		if err != nil {
			return nil, err
		}
		text.WriteString(word)
		if endsSentence(sentence.String(), word) {
			sentences <- take(&sentence)
		}
		sentence.WriteString(word)
	}
	if last := take(&sentence); last != "" {
		sentences <- last
	}
	if text.Len() > 0 {
		r.messages = append(r.messages, openai.Message{Role: "assistant", Content: text.String()})
	}
	return calls, nil
}

// words yields the words of the model's answer. What else is in the stream
// goes to calls and to the stage.
func (r *reply) words(ctx context.Context, llm *otelvoice.LLM, calls *[]openai.ToolCall) iter.Seq2[string, error] {
	request := openai.ChatRequest{Model: r.agent.Models.Chat.Name, Messages: r.messages, Tools: tools()}
	return func(yield func(string, error) bool) {
		for chunk, err := range r.agent.Provider.Chat(ctx, request) {
			if err != nil {
				yield("", err)
				return
			}
			if chunk.FinishReason != "" {
				llm.SetResponse(chunk.ID, chunk.Model, chunk.FinishReason)
			}
			if chunk.Usage != nil {
				llm.SetUsage(otelvoice.Usage{
					InputTokens:          chunk.Usage.PromptTokens,
					OutputTokens:         chunk.Usage.CompletionTokens,
					CacheReadInputTokens: chunk.Usage.PromptTokensDetails.CachedTokens,
				})
			}
			*calls = openai.AppendDeltas(*calls, chunk.ToolCalls)
			switch {
			case chunk.Text == "":
				llm.Chunk() // A chunk, but nothing that could be said.
			case !yield(chunk.Text, nil):
				return
			}
		}
	}
}

// endsSentence reports whether text is a sentence that the next word does not
// belong to.
func endsSentence(text, next string) bool {
	return strings.HasPrefix(next, " ") && strings.ContainsAny(text[max(len(text)-1, 0):], ".!?")
}

// take returns what was built, and starts again.
func take(b *strings.Builder) string {
	s := strings.TrimSpace(b.String())
	b.Reset()
	return s
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
)

// ChatRequest is a conversation to be continued.
type ChatRequest struct {
	Model    string    `json:"model"`
	Messages []Message `json:"messages"`
	Tools    []Tool    `json:"tools,omitempty"`
}

// A Message is one contribution to a conversation.
type Message struct {
	Role       string     `json:"role"` // system, user, assistant or tool
	Content    string     `json:"content"`
	ToolCalls  []ToolCall `json:"tool_calls,omitempty"`
	ToolCallID string     `json:"tool_call_id,omitempty"`
}

// A ToolCall is the model wanting a tool to be run.
type ToolCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function FunctionCall `json:"function"`
}

// A FunctionCall names a function and its arguments, in JSON.
type FunctionCall struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// A Tool is offered to the model.
type Tool struct {
	Type     string   `json:"type"`
	Function Function `json:"function"`
}

// A Function describes a tool; its parameters are a JSON schema.
type Function struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"`
}

// A Chunk is a piece of an answer. Most of its fields are empty most of the time.
type Chunk struct {
	ID, Model    string
	Text         string
	ToolCalls    []ToolCallDelta
	FinishReason string
	Usage        *Usage // In the last chunk.
}

// A ToolCallDelta is a piece of the tool call at an index: the first has the id
// and the name, each one a part of the arguments.
type ToolCallDelta struct {
	Index int `json:"index"`
	ToolCall
}

// Usage is what the answer cost.
type Usage struct {
	PromptTokens        int `json:"prompt_tokens"`
	CompletionTokens    int `json:"completion_tokens"`
	PromptTokensDetails struct {
		CachedTokens int `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
}

// Chat returns the model's answer as it comes. The sequence ends after an error,
// and when ctx does.
func (c *Client) Chat(ctx context.Context, req ChatRequest) iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) {
		res, err := c.postJSON(ctx, "/chat/completions", struct {
			ChatRequest
			Stream        bool            `json:"stream"`
			StreamOptions map[string]bool `json:"stream_options"`
		}{req, true, map[string]bool{"include_usage": true}})
		if err != nil {
			yield(Chunk{}, err)
			return
		}
		defer func() { _ = res.Body.Close() }()
		for data, err := range events(res.Body) {
			var chunk Chunk
			if err == nil {
				chunk, err = parseChunk(data)
			}
			if err != nil {
				yield(Chunk{}, fmt.Errorf("openai: chat: %w", err))
				return
			}
			if !yield(chunk, nil) {
				return
			}
		}
	}
}

func parseChunk(data []byte) (Chunk, error) {
	var event struct {
		ID      string `json:"id"`
		Model   string `json:"model"`
		Choices []struct {
			Delta struct {
				Content   string          `json:"content"`
				ToolCalls []ToolCallDelta `json:"tool_calls"`
			} `json:"delta"`
			FinishReason string `json:"finish_reason"`
		} `json:"choices"`
		Usage *Usage `json:"usage"`
	}
	if err := json.Unmarshal(data, &event); err != nil {
		return Chunk{}, err
	}
	chunk := Chunk{ID: event.ID, Model: event.Model, Usage: event.Usage}
	if len(event.Choices) > 0 { // The chunk with the usage has none.
		first := event.Choices[0]
		chunk.Text, chunk.ToolCalls = first.Delta.Content, first.Delta.ToolCalls
		chunk.FinishReason = first.FinishReason
	}
	return chunk, nil
}

// events returns the data of server-sent events up to the marker [DONE]. A
// stream that ends without it was cut short. What comes after is read too, so
// that the connection can be used again.
func events(r io.Reader) iter.Seq2[[]byte, error] {
	const maxLine = 1 << 20
	return func(yield func([]byte, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, maxLine)
		done := false
		for lines.Scan() {
			data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data:"))
			if !ok || done {
				continue
			}
			data = bytes.TrimSpace(data)
			if done = string(data) == "[DONE]"; !done && !yield(data, nil) {
				return
			}
		}
		if done {
			return
		}
		err := lines.Err()
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		yield(nil, err)
	}
}

// AppendDeltas puts the pieces of tool calls together. Pieces that belong to no
// call are passed over.
func AppendDeltas(calls []ToolCall, deltas []ToolCallDelta) []ToolCall {
	for _, d := range deltas {
		if d.Index == len(calls) {
			calls = append(calls, ToolCall{ID: d.ID, Type: d.Type})
		}
		if d.Index < 0 || d.Index >= len(calls) {
			continue
		}
		call := &calls[d.Index].Function
		call.Name += d.Function.Name
		call.Arguments += d.Function.Arguments
	}
	return calls
}

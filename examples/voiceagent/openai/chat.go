// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
)

// A ChatRequest is a request to continue a conversation.
type ChatRequest struct {
	Model    string    `json:"model"`
	Messages []Message `json:"messages"`
	Tools    []Tool    `json:"tools,omitempty"`
}

// A Message is a message of a conversation.
type Message struct {
	Role       string     `json:"role"` // system, user, assistant or tool
	Content    string     `json:"content"`
	ToolCalls  []ToolCall `json:"tool_calls,omitempty"`
	ToolCallID string     `json:"tool_call_id,omitempty"`
}

// MarshalJSON writes null as the content of tool calls without text, because some providers
// reject an empty string.
func (m Message) MarshalJSON() ([]byte, error) {
	type plain Message
	if m.Content != "" || len(m.ToolCalls) == 0 {
		return json.Marshal(plain(m))
	}
	return json.Marshal(struct {
		plain

		Content *string `json:"content"`
	}{plain: plain(m)})
}

// A Chunk is a part of an answer. Most of its fields are usually empty.
type Chunk struct {
	ID, Model    string
	Text         string
	ToolCalls    []ToolCallDelta
	FinishReason string
	Usage        *Usage // In the last chunk; with some providers in each, up to it.
}

// Chat returns the model's answer as it arrives. The sequence ends after an error, and when ctx
// ends. An error that the provider reports in the stream is an [*Error], too.
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
		defer finish(res.Body)
		var finished, begun bool
		for e, err := range answer(res) {
			var chunk Chunk
			if err == nil {
				chunk, err = parseChunk(e, begun)
			} else if finished && ctx.Err() == nil {
				return // The answer is complete without the marker.
			}
			if known, ok := errors.AsType[*Error](err); ok {
				yield(Chunk{}, known)
				return
			}
			if err != nil {
				yield(Chunk{}, fmt.Errorf("openai: chat: %w", err))
				return
			}
			finished = finished || chunk.FinishReason != ""
			begun = begun || chunk.Text != "" || len(chunk.ToolCalls) > 0
			if !yield(chunk, nil) {
				return
			}
		}
	}
}

// answer returns the events of an answer. Without streaming there is one event.
func answer(res *http.Response) iter.Seq2[event, error] {
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		return events(res.Body)
	}
	body := bufio.NewReader(res.Body)
	if first, err := body.Peek(1); err == nil && !strings.ContainsRune("{[ \r\n\t", rune(first[0])) {
		return events(body) // It streams, but with another content type.
	}
	return func(yield func(event, error) bool) {
		const most = 8 << 20
		data, err := io.ReadAll(io.LimitReader(body, most))
		yield(event{data: data}, err)
	}
}

// content is the text of a message: a string, null, or parts of which the text counts.
type content string

func (c *content) UnmarshalJSON(b []byte) error {
	if b[0] != '[' {
		return json.Unmarshal(b, (*string)(c))
	}
	var parts []struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	for _, p := range parts {
		*c += content(p.Text)
	}
	return nil
}

// delta is what a choice adds to the answer.
type delta struct {
	Content   content         `json:"content"`
	Refusal   string          `json:"refusal"` // The model's text instead of an answer.
	ToolCalls []ToolCallDelta `json:"tool_calls"`
}

// parseChunk parses a chunk. After the start of an answer, a whole message is a repetition.
func parseChunk(e event, begun bool) (Chunk, error) {
	var wire struct {
		ID      string `json:"id"`
		Model   string `json:"model"`
		Choices []struct {
			Index        int             `json:"index"`
			Delta        delta           `json:"delta"`
			Message      delta           `json:"message"` // Of a provider that does not stream.
			FinishReason string          `json:"finish_reason"`
			Usage        *Usage          `json:"usage"` // Moonshot's.
			Error        json.RawMessage `json:"error"`
		} `json:"choices"`
		Usage *Usage `json:"usage"`
		Groq  struct {
			Usage *Usage `json:"usage"`
		} `json:"x_groq"`
	}
	if err := reported(e); err != nil {
		return Chunk{}, err
	}
	if err := json.Unmarshal(e.data, &wire); err != nil {
		return Chunk{}, err
	}
	chunk := Chunk{ID: wire.ID, Model: wire.Model, Usage: wire.Usage}
	if chunk.Usage == nil {
		chunk.Usage = wire.Groq.Usage
	}
	// The chunk with the usage has no choices. Azure's chunk with the prompt filter has none either.
	for _, choice := range wire.Choices {
		if choice.Index != 0 {
			continue
		}
		if err := reported(event{"", choice.Error}); err != nil {
			return Chunk{}, err
		}
		if choice.FinishReason == "error" {
			return Chunk{}, new(Error)
		}
		said := choice.Delta
		if !begun && said.Content == "" && said.Refusal == "" && said.ToolCalls == nil {
			said = choice.Message
			for i := range said.ToolCalls { // They are complete and have no indices.
				said.ToolCalls[i].Index = i
			}
		}
		chunk.Text = string(said.Content) + said.Refusal
		chunk.ToolCalls = said.ToolCalls
		chunk.FinishReason = choice.FinishReason
		if chunk.Usage == nil {
			chunk.Usage = choice.Usage
		}
	}
	return chunk, nil
}

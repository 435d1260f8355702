// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"net/http"
	"strings"
	"time"
)

// completion is an answer, split into the tokens that are streamed.
type completion struct {
	id           string
	model        string
	call         *toolCall // nil when the answer is text
	tokens       []string  // of the text or of the call's arguments
	finish       string
	promptTokens int
	includeUsage bool
	created      int64 // Unix seconds
}

func newCompletion(req chatRequest, d dice) completion {
	c := completion{
		id: d.id("chatcmpl-"), model: req.Model, finish: "stop",
		includeUsage: req.StreamOptions.IncludeUsage, created: time.Now().Unix(),
	}
	for _, m := range req.Messages {
		c.promptTokens += 4 + (len(m.Content)+3)/4 // the usual rule of thumb
	}
	answer := reply(req.Messages, req.mayCall(toolCheckAvailability))
	if answer.call != nil {
		c.call = &toolCall{ID: d.id("call_"), Type: "function", Function: *answer.call}
		c.tokens, c.finish = fragments(answer.call.Arguments), "tool_calls"
		return c
	}
	c.tokens = splitWords(answer.text)
	if limit := req.tokenLimit(); limit > 0 && limit < len(c.tokens) {
		c.tokens, c.finish = c.tokens[:limit], "length"
	}
	return c
}

// fragments cuts arguments where a model would: anywhere, inside a word too.
func fragments(arguments string) []string {
	const size = 5
	var list []string
	for len(arguments) > size {
		list, arguments = append(list, arguments[:size]), arguments[size:]
	}
	return append(list, arguments)
}

type usage struct {
	PromptTokens        int          `json:"prompt_tokens"`
	CompletionTokens    int          `json:"completion_tokens"`
	TotalTokens         int          `json:"total_tokens"`
	PromptTokensDetails tokenDetails `json:"prompt_tokens_details"`
}

type tokenDetails struct {
	CachedTokens int `json:"cached_tokens"`
	AudioTokens  int `json:"audio_tokens"`
}

func (c completion) usage() usage {
	n := len(c.tokens)
	return usage{PromptTokens: c.promptTokens, CompletionTokens: n, TotalTokens: c.promptTokens + n}
}

// whole returns the answer to a request without stream.
func (c completion) whole() any {
	type message struct {
		Role      string     `json:"role"`
		Content   *string    `json:"content"`
		ToolCalls []toolCall `json:"tool_calls,omitempty"`
	}
	type choice struct {
		Index        int     `json:"index"`
		Message      message `json:"message"`
		FinishReason string  `json:"finish_reason"`
	}
	said := message{Role: "assistant"}
	if c.call != nil {
		said.ToolCalls = []toolCall{*c.call}
	} else {
		text := strings.Join(c.tokens, "")
		said.Content = &text
	}
	return struct {
		ID      string   `json:"id"`
		Object  string   `json:"object"`
		Created int64    `json:"created"`
		Model   string   `json:"model"`
		Choices []choice `json:"choices"`
		Usage   usage    `json:"usage"`
	}{c.id, "chat.completion", c.created, c.model, []choice{{0, said, c.finish}}, c.usage()}
}

// chunk is one event of a streamed answer.
type chunk struct {
	ID      string        `json:"id"`
	Object  string        `json:"object"`
	Created int64         `json:"created"`
	Model   string        `json:"model"`
	Choices []chunkChoice `json:"choices"`
	Usage   *usage        `json:"usage,omitempty"`
}

type chunkChoice struct {
	Index        int     `json:"index"`
	Delta        delta   `json:"delta"`
	FinishReason *string `json:"finish_reason"`
}

type delta struct {
	Role      string          `json:"role,omitempty"`
	Content   *string         `json:"content,omitempty"`
	ToolCalls []toolCallDelta `json:"tool_calls,omitempty"`
}

// toolCallDelta names the call in its first fragment only.
type toolCallDelta struct {
	Index    int           `json:"index"`
	ID       string        `json:"id,omitempty"`
	Type     string        `json:"type,omitempty"`
	Function functionDelta `json:"function"`
}

type functionDelta struct {
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
}

func (c completion) chunk(choices ...chunkChoice) chunk {
	if choices == nil {
		choices = []chunkChoice{} // the usage chunk has an empty list, not null
	}
	return chunk{ID: c.id, Object: "chat.completion.chunk", Created: c.created, Model: c.model, Choices: choices}
}

// opening returns the delta before the first token: the role and, if the model calls a tool, the tool.
func (c completion) opening() delta {
	if c.call == nil {
		return delta{Role: "assistant", Content: new("")}
	}
	return delta{Role: "assistant", ToolCalls: []toolCallDelta{{
		ID: c.call.ID, Type: c.call.Type, Function: functionDelta{Name: c.call.Function.Name},
	}}}
}

// next returns the delta of one token.
func (c completion) next(token string) delta {
	if c.call == nil {
		return delta{Content: &token}
	}
	return delta{ToolCalls: []toolCallDelta{{Function: functionDelta{Arguments: token}}}}
}

// streamCompletion sends the answer token by token until it ends or the client disconnects.
func (s *Server) streamCompletion(w http.ResponseWriter, r *http.Request, d dice, c completion) {
	events := newEventStream(w)
	if events.send(c.chunk(chunkChoice{Delta: c.opening()})) != nil {
		return
	}
	for i, token := range c.tokens {
		if i > 0 && s.clock.wait(r.Context(), d.draw(nextToken)) != nil {
			return
		}
		if events.send(c.chunk(chunkChoice{Delta: c.next(token)})) != nil {
			return
		}
	}
	if events.send(c.chunk(chunkChoice{FinishReason: &c.finish})) != nil {
		return
	}
	if c.includeUsage {
		last, bill := c.chunk(), c.usage()
		last.Usage = &bill
		if events.send(last) != nil {
			return
		}
	}
	_ = events.done()
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// chatRequest has the fields that are read from a chat completion request.
type chatRequest struct {
	Model         string    `json:"model"`
	Messages      []message `json:"messages"`
	Stream        bool      `json:"stream"`
	StreamOptions struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	Tools []struct {
		Type     string `json:"type"`
		Function struct {
			Name string `json:"name"`
		} `json:"function"`
	} `json:"tools"`
	ToolChoice          json.RawMessage `json:"tool_choice"`
	MaxTokens           int             `json:"max_tokens"`
	MaxCompletionTokens int             `json:"max_completion_tokens"`
}

// message is a message of the conversation.
type message struct {
	Role       string     `json:"role"`
	Content    content    `json:"content"`
	ToolCalls  []toolCall `json:"tool_calls,omitempty"`
	ToolCallID string     `json:"tool_call_id,omitempty"`
}

type toolCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function functionCall `json:"function"`
}

type functionCall struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// content is a message's text: on the wire a string, null, or a list of parts
// of which the text ones count.
type content string

func (c *content) UnmarshalJSON(b []byte) error {
	if b[0] != '[' {
		return json.Unmarshal(b, (*string)(c)) // null leaves it empty
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

func (s *Server) chat(w http.ResponseWriter, r *http.Request) {
	var req chatRequest
	if refusal := readJSON(w, r, &req); refusal != nil {
		writeFailure(w, *refusal)
		return
	}
	if refusal := req.check(); refusal != nil {
		writeFailure(w, *refusal)
		return
	}
	dice := s.dice("chat " + req.question())
	if s.failed(w, r, dice, string(req.Messages[len(req.Messages)-1].Content)) {
		return
	}
	c := newCompletion(req, dice)
	if s.clock.wait(r.Context(), dice.draw(firstToken)) != nil {
		return
	}
	if req.Stream {
		s.streamCompletion(w, r, dice, c)
		return
	}
	var rest time.Duration
	for range c.tokens {
		rest += dice.draw(nextToken)
	}
	if s.clock.wait(r.Context(), rest) == nil {
		writeJSON(w, http.StatusOK, c.whole())
	}
}

// check returns why the request is rejected.
func (req chatRequest) check() *failure {
	refuse := func(param, message string) *failure {
		f := invalid(param, message)
		return &f
	}
	if req.Model == "" {
		return refuse("model", "You must provide a model parameter.")
	}
	if len(req.Messages) == 0 {
		return refuse("messages", "messages must not be empty.")
	}
	called := make(map[string]bool)
	for i, m := range req.Messages {
		param := fmt.Sprintf("messages[%d]", i)
		switch m.Role {
		case "system", "developer", "user":
		case "assistant":
			for _, call := range m.ToolCalls {
				called[call.ID] = true
			}
		case "tool":
			if !called[m.ToolCallID] {
				return refuse(param, "Messages with role 'tool' must answer a preceding message with 'tool_calls'.")
			}
		default:
			return refuse(param+".role", fmt.Sprintf("Invalid value: '%s'.", m.Role))
		}
	}
	return nil
}

// question returns the question of the request, without what differs between callers with the
// same question.
func (req chatRequest) question() string {
	h := sha256.New()
	for _, m := range req.Messages {
		fmt.Fprintf(h, "%q %q\n", m.Role, m.Content)
	}
	return fmt.Sprintf("%s %x", req.Model, h.Sum(nil))
}

// mayCall reports whether the named tool is offered and allowed.
func (req chatRequest) mayCall(name string) bool {
	if strings.TrimSpace(string(req.ToolChoice)) == `"none"` {
		return false
	}
	for _, tool := range req.Tools {
		if tool.Function.Name == name {
			return true
		}
	}
	return false
}

// tokenLimit returns the maximum number of tokens of the answer, or 0 for no limit.
func (req chatRequest) tokenLimit() int {
	if req.MaxCompletionTokens > 0 {
		return req.MaxCompletionTokens
	}
	return max(req.MaxTokens, 0)
}

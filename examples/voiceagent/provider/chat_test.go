// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

const (
	booking4 = `{"role":"user","content":"I would like to book a table for four, tomorrow at seven."}`
	tools    = `"tools":[{"type":"function","function":{"name":"check_availability"}}]`
)

func chatBody(messages string, more ...string) string {
	return `{"model":"gpt-4o","messages":[` + messages + `]` + strings.Join(append([]string{""}, more...), ",") + `}`
}

type wholeAnswer struct {
	Object  string
	Choices []struct {
		Message struct {
			Role      string
			Content   *string
			ToolCalls []toolCall `json:"tool_calls"`
		}
		FinishReason string `json:"finish_reason"`
	}
	Usage usage
}

func TestChatAnswersInWords(t *testing.T) {
	s := serve(t, Options{})
	got := decode[wholeAnswer](t, postJSON(t, s, "/chat/completions",
		chatBody(`{"role":"user","content":[{"type":"text","text":"Is there "},{"type":"text","text":"parking?"}]}`)))
	choice := got.Choices[0]
	if choice.Message.Content == nil || !strings.Contains(*choice.Message.Content, "garage") || choice.FinishReason != "stop" {
		t.Errorf("got %+v, want a stop after words about the garage", choice)
	}
	if u := got.Usage; u.PromptTokens == 0 || u.CompletionTokens == 0 || u.TotalTokens != u.PromptTokens+u.CompletionTokens {
		t.Errorf("usage: got %+v, want tokens that add up", u)
	}
}

func TestChatCallsTheToolAndAnswersFromIt(t *testing.T) {
	s := serve(t, Options{})
	first := decode[wholeAnswer](t, postJSON(t, s, "/chat/completions", chatBody(booking4, tools)))
	choice := first.Choices[0]
	if len(choice.Message.ToolCalls) != 1 || choice.FinishReason != "tool_calls" || choice.Message.Content != nil {
		t.Fatalf("got %+v, want one tool call and null content", choice)
	}
	call, err := json.Marshal(choice.Message.ToolCalls)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := choice.Message.ToolCalls[0].Function.Arguments, `{"date":"tomorrow","time":"19:00","party_size":4}`; got != want {
		t.Errorf("arguments:\ngot  %s\nwant %s", got, want)
	}
	tests := map[string]string{
		`{\"available\":true}`:  "Good news, we have a table for four tomorrow at seven. Shall I book it for you?",
		`{\"available\":false}`: "I am sorry, there is no table for four tomorrow at seven left. Would another time suit you?",
		`timeout`:               "I am sorry, I cannot reach the table book right now. May I call you back in a minute?",
	}
	for result, want := range tests {
		t.Run(result, func(t *testing.T) {
			messages := booking4 + `,{"role":"assistant","content":null,"tool_calls":` + string(call) + `},` +
				`{"role":"tool","tool_call_id":"` + choice.Message.ToolCalls[0].ID + `","content":"` + result + `"}`
			second := decode[wholeAnswer](t, postJSON(t, s, "/chat/completions", chatBody(messages, tools)))
			if got := second.Choices[0].Message.Content; got == nil || *got != want {
				t.Errorf("got  %v\nwant %q", second.Choices[0].Message, want)
			}
		})
	}
}

func TestChatStopsAtTheTokenLimit(t *testing.T) {
	s := serve(t, Options{})
	got := decode[wholeAnswer](t, postJSON(t, s, "/chat/completions",
		chatBody(`{"role":"user","content":"Hello"}`, `"max_completion_tokens":3`)))
	if choice := got.Choices[0]; *choice.Message.Content != "Good evening, this" || choice.FinishReason != "length" {
		t.Errorf("got %q %s, want three words and length", *choice.Message.Content, choice.FinishReason)
	}
}

// reassembled is the message that a client assembles from a stream.
type reassembled struct {
	text, tool, arguments, finish string
	fragments, usages             int
	done                          bool
}

func reassemble(t *testing.T, list []string) reassembled {
	t.Helper()
	var r reassembled
	for _, data := range list {
		if r.done {
			t.Fatalf("after [DONE]: %s", data)
		}
		if data == "[DONE]" {
			r.done = true
			continue
		}
		var c chunk
		if err := json.Unmarshal([]byte(data), &c); err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		if c.Usage != nil {
			r.usages++
			if len(c.Choices) != 0 || c.Usage.TotalTokens == 0 {
				t.Errorf("usage: got %s, want no choices and a total", data)
			}
		}
		for _, choice := range c.Choices {
			if choice.Delta.Content != nil {
				r.text += *choice.Delta.Content
			}
			for _, call := range choice.Delta.ToolCalls {
				r.fragments++
				r.tool += call.Function.Name
				r.arguments += call.Function.Arguments
			}
			if choice.FinishReason != nil {
				r.finish = *choice.FinishReason
			}
		}
	}
	return r
}

func TestStreamedChat(t *testing.T) {
	s := serve(t, Options{})
	const parking = "Yes, there is a garage under the hotel. It is free for our dinner guests."
	tests := []struct {
		name string
		body string
		want reassembled
	}{
		{
			"text", chatBody(`{"role":"user","content":"Parking?"}`, `"stream":true`),
			reassembled{text: parking, finish: "stop", done: true},
		},
		{
			"text with usage",
			chatBody(`{"role":"user","content":"Parking?"}`, `"stream":true`, `"stream_options":{"include_usage":true}`),
			reassembled{text: parking, finish: "stop", usages: 1, done: true},
		},
		{
			"tool call in fragments", chatBody(booking4, `"stream":true`, tools),
			reassembled{
				tool: "check_availability", arguments: `{"date":"tomorrow","time":"19:00","party_size":4}`,
				fragments: 11, finish: "tool_calls", done: true,
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := reassemble(t, events(t, postJSON(t, s, "/chat/completions", tt.body))); got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestBadChatRequests(t *testing.T) {
	s := serve(t, Options{})
	tests := map[string]string{
		"not JSON":         `{`,
		"no model":         `{"messages":[{"role":"user","content":"Hi"}]}`,
		"no messages":      chatBody(""),
		"role unknown":     chatBody(`{"role":"ghost","content":"Boo"}`),
		"content a number": chatBody(`{"role":"user","content":7}`),
		"tool unasked":     chatBody(`{"role":"tool","tool_call_id":"call_1","content":"{}"}`),
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			wantFailure(t, postJSON(t, s, "/chat/completions", body), http.StatusBadRequest, "invalid_value")
		})
	}
}

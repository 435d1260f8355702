// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/voice-agents/telemetry/examples/voiceagent/openai"
)

// Responses of providers that differ from OpenAI's.
func TestShapes(t *testing.T) {
	piece := func(index int, id, name, arguments string) string {
		return fmt.Sprintf(`{"index":%d,"id":%q,"type":"function","function":{"name":%q,"arguments":%q}}`, index, id, name, arguments)
	}
	usage := func(fields string) string { return `{"choices":[],"usage":{` + fields + `}}` }
	for _, tt := range []struct{ name, stream, want string }{
		{"one id for several calls", stream(call(piece(0, "call_1", "f", `{"a":1}`)), call(piece(1, "call_1", "g", `{"b":2}`)), calls), ` [call_1 f({"a":1})] [call_2 g({"b":2})]`},
		{"no id, and that of its place is another's", stream(call(piece(0, "call_2", "f", `{"a":1}`)), call(`{"index":1,"function":{"name":"g","arguments":"{}"}}`), calls), ` [call_2 f({"a":1})] [call_3 g({})]`},
		{"no id before one that would be made", stream(call(`{"index":0,"function":{"name":"f","arguments":"{}"}}`), call(piece(1, "call_1", "g", `{"b":2}`)), calls), ` [call_2 f({})] [call_1 g({"b":2})]`},
		{"a call that is sent twice", stream(call(piece(0, "call_1", "f", `{"a":1}`)), call(piece(0, "call_1", "f", `{"a":1}`)), calls), ` [call_1 f({"a":1})]`},
		{"arguments so far", stream(call(piece(0, "call_1", "f", `{"a`)), call(piece(0, "call_1", "f", `{"a":1}`)), calls), ` [call_1 f({"a":1})]`},
		{"an object within the arguments", stream(call(piece(0, "call_1", "f", `{"a":`)), call(piece(0, "call_1", "f", `{}`)), call(piece(0, "call_1", "f", `}`)), calls), ` [call_1 f({"a":{}})]`},
		{"no arguments", stream(call(piece(0, "call_1", "f", ""), piece(1, "call_2", "g", "null")), calls), ` [call_1 f({})] [call_2 g({})]`},
		{"neither ids nor indices nor arguments", stream(call(`{"function":{"name":"f","arguments":""}}`, `{"function":{"name":"g","arguments":""}}`), calls), ` [call_1 f({})] [call_2 g({})]`},
		{"Perplexity, the message so far", stream(good, day, `{"choices":[{"index":0,"delta":{"content":""},"message":{"role":"assistant","content":"Good day."},"finish_reason":"stop"}]}`), "Good day."},
		{"numbers that are floats and strings", stream(good, stop, usage(`"prompt_tokens":20.0,"completion_tokens":"3"`)), "Good in=20 out=3 cached=0 reasoning=0"},
		{"invalid usage", stream(good, stop, usage(`"prompt_tokens":[20],"completion_tokens":3`)), "Good in=0 out=3 cached=0 reasoning=0"},
		{"Moonshot, usage in the choice", stream(good, `{"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":20,"completion_tokens":9,"cached_tokens":16}}]}`), "Good in=20 out=9 cached=16 reasoning=0"},
		{"DeepSeek, cached tokens", stream(good, stop, usage(`"prompt_tokens":20,"completion_tokens":3,"prompt_cache_hit_tokens":16,"prompt_cache_miss_tokens":4`)), "Good in=20 out=3 cached=16 reasoning=0"},
		{"MiniMax, no error", stream(good, `{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"base_resp":{"status_code":0,"status_msg":""}}`), "Good"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, _ := answers(t, "text/event-stream", tt.stream, len(tt.stream))
			if got, err := said(t, client); err != nil || got != tt.want {
				t.Errorf("got  %q, %v\nwant %q", got, err, tt.want)
			}
		})
	}
}

func TestShapesOfErrors(t *testing.T) {
	for _, tt := range []struct {
		name, event string
		want        openai.Error
	}{
		{"MiniMax", `{"choices":null,"base_resp":{"status_code":1002,"status_msg":"Slow down"}}`, openai.Error{Code: "1002", Message: "Slow down"}},
		{"a status", `{"error":{"message":"Slow down","status":429}}`, openai.Error{Status: 429, Message: "Slow down"}},
		{"a status by itself", `{"status_code":429,"message":"Slow down"}`, openai.Error{Status: 429, Message: "Slow down"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, _ := answers(t, "text/event-stream", stream(tt.event), 1000)
			_, err := said(t, client)
			got, ok := errors.AsType[*openai.Error](err)
			if !ok || got.Status != tt.want.Status || got.Code != tt.want.Code || got.Message != tt.want.Message {
				t.Errorf("got %+v, %v\nwant %+v", got, err, tt.want)
			}
		})
	}
}

// A stream that ends inside a value returns an error.
func TestStreamEndsInsideAValue(t *testing.T) {
	client, _ := answers(t, "text/event-stream", "data: "+good+"\n\ndata: "+day[:30], 1000)
	if got, err := said(t, client); got != "Good" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %q, %v", got, err)
	}
}

// A response with the content of a stream is read as a stream, whatever its type.
func TestStreamOfAnotherType(t *testing.T) {
	client, _ := answers(t, "application/json", stream(good, day, stop), 1000)
	if got, err := said(t, client); err != nil || got != "Good day." {
		t.Errorf("got %q, %v", got, err)
	}
}

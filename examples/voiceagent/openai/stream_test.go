// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/examples/voiceagent/openai"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// answers returns a client of a provider that answers with the given bytes, and its requests.
func answers(t *testing.T, contentType, body string, size int) (client *openai.Client, asked chan string) {
	t.Helper()
	asked = make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, _ := io.ReadAll(r.Body)
		asked <- string(request)
		w.Header().Set("Content-Type", contentType)
		for piece := range slices.Chunk([]byte(body), size) {
			_, _ = w.Write(piece)
			w.(http.Flusher).Flush()
		}
	}))
	t.Cleanup(server.Close)
	return newClient(t, server.URL), asked
}

// said formats an answer: its text, its calls and its usage.
func said(t *testing.T, client *openai.Client) (answer string, err error) {
	t.Helper()
	var usage *otelvoice.Usage
	for chunk, e := range client.Responder("m").Respond(t.Context(), voiceprovider.Request{Messages: []voiceprovider.Message{{Role: voiceprovider.User, Text: "Hi"}}}) {
		if e != nil {
			return answer, e
		}
		answer += chunk.Text
		for _, call := range chunk.ToolCalls {
			answer += fmt.Sprintf(" [%s %s(%s)]", call.ID, call.Name, call.Arguments)
		}
		if chunk.Usage != nil {
			usage = chunk.Usage
		}
	}
	if usage != nil {
		answer += fmt.Sprintf(" in=%d out=%d cached=%d reasoning=%d", usage.InputTokens, usage.OutputTokens, usage.CacheReadInputTokens, usage.ReasoningOutputTokens)
	}
	return answer, nil
}

// stream writes events as most providers do.
func stream(events ...string) string {
	return "data: " + strings.Join(events, "\n\ndata: ") + "\n\ndata: [DONE]\n\n"
}

const (
	open  = `{"id":"chatcmpl-1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null}`
	good  = `{"choices":[{"index":0,"delta":{"content":"Good"},"finish_reason":null}]}`
	day   = `{"choices":[{"index":0,"delta":{"content":" day."},"finish_reason":null}]}`
	stop  = `{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`
	calls = `{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}`
	bill  = `{"choices":[],"usage":{"prompt_tokens":20,"completion_tokens":9,"total_tokens":29,"prompt_tokens_details":{"cached_tokens":16,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":5,"audio_tokens":0,"accepted_prediction_tokens":0}}}`
)

// call is a chunk with pieces of tool calls.
func call(pieces ...string) string {
	return `{"choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[` + strings.Join(pieces, ",") + `]},"finish_reason":null}]}`
}

func TestStreams(t *testing.T) {
	oneCall := `[call_1 look_up({"a":1})]`
	twoCalls := ` [call_1 look_up({"a":1})] [call_2 book({"b":2})]`
	whole := func(index int, id, name, arguments string) string {
		return fmt.Sprintf(`{"index":%d,"id":%q,"type":"function","function":{"name":%q,"arguments":%q}}`, index, id, name, arguments)
	}
	for _, tt := range []struct{ name, stream, want string }{
		{"OpenAI", stream(open, good, day, stop, bill), "Good day. in=20 out=9 cached=16 reasoning=5"},
		{
			"OpenAI, a call", stream(
				call(`{"index":0,"id":"call_1","type":"function","function":{"name":"look_up","arguments":""}}`),
				call(`{"index":0,"function":{"arguments":"{\"a\""}}`), call(`{"index":0,"function":{"arguments":":1}"}}`), calls, bill),
			" " + oneCall + " in=20 out=9 cached=16 reasoning=5",
		},
		{"OpenAI, parallel calls", stream(
			call(`{"index":0,"id":"call_1","type":"function","function":{"name":"look_up","arguments":""}}`), call(`{"index":0,"function":{"arguments":"{\"a\":1}"}}`),
			call(`{"index":1,"id":"call_2","type":"function","function":{"name":"book","arguments":""}}`), call(`{"index":1,"function":{"arguments":"{\"b\":2}"}}`), calls), twoCalls},
		{"OpenAI, a refusal", stream(open, `{"choices":[{"index":0,"delta":{"refusal":"I can't do that."}}]}`, stop), "I can't do that."},
		{"words and a call", stream(good, day, call(whole(0, "call_1", "look_up", `{"a":1}`)), calls), "Good day. " + oneCall},
		{
			"Azure", stream(
				`{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]}`,
				`{"choices":[{"content_filter_results":{},"delta":{"content":"","refusal":null,"role":"assistant"},"finish_reason":null,"index":0,"logprobs":null}]}`,
				good, day, stop, `{"choices":[{"content_filter_offsets":{"check_offset":44},"content_filter_results":{},"finish_reason":null,"index":0}]}`, bill),
			"Good day. in=20 out=9 cached=16 reasoning=5",
		},
		{
			"Groq", stream(open, good, day,
				`{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"req_1","usage":{"queue_time":0.03,"prompt_tokens":20,"completion_tokens":9,"total_tokens":29}}}`),
			"Good day. in=20 out=9 cached=0 reasoning=0",
		},
		{"Groq, a call", stream(call(whole(0, "call_1", "look_up", `{"a":1}`)), calls), " " + oneCall},
		{"Ollama, parallel calls of one index", stream(call(whole(0, "call_1", "look_up", `{"a":1}`)), call(whole(0, "call_2", "book", `{"b":2}`)),
			`{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"tool_calls"}]}`), twoCalls},
		{"Ollama, parallel calls in one chunk", stream(call(whole(0, "call_1", "look_up", `{"a":1}`), whole(0, "call_2", "book", `{"b":2}`)), calls), twoCalls},
		{"calls of one index, in pieces", stream(
			call(`{"index":0,"id":"call_1","function":{"name":"look_up","arguments":"{\"a\""}}`), call(`{"index":0,"function":{"arguments":":1}"}}`),
			call(`{"index":0,"id":"call_2","function":{"name":"book","arguments":"{\"b\""}}`), call(`{"index":0,"function":{"arguments":":2}"}}`), calls), twoCalls},
		{"calls without an index", stream(call(`{"id":"call_1","function":{"name":"look_up","arguments":"{\"a\":1}"}}`, `{"id":"call_2","function":{"name":"book","arguments":"{\"b\":2}"}}`), calls), twoCalls},
		{"calls without ids", stream(call(`{"index":0,"id":"","function":{"name":"look_up","arguments":"{\"a\":1}"}}`), call(`{"index":0,"id":"","function":{"name":"book","arguments":"{\"b\":2}"}}`), calls), twoCalls},
		{"the same call twice without ids", stream(call(`{"index":0,"function":{"name":"f","arguments":"{}"}}`), call(`{"index":0,"function":{"name":"f","arguments":"{}"}}`), calls), " [call_1 f({})] [call_2 f({})]"},
		{"indices from 1", stream(call(whole(1, "call_1", "look_up", `{"a":1}`)), call(whole(2, "call_2", "book", `{"b":2}`)), calls), twoCalls},
		{"interleaved", stream(
			call(`{"index":0,"id":"call_1","function":{"name":"look_up","arguments":"{\"a\""}}`, `{"index":1,"id":"call_2","function":{"name":"book","arguments":"{\"b\""}}`),
			call(`{"index":1,"function":{"arguments":":2}"}}`, `{"index":0,"function":{"arguments":":1}"}}`), calls), twoCalls},
		{"ids and names with each piece", stream(
			call(`{"index":0,"id":"call_1","type":"function","function":{"name":"look_up","arguments":"{\"a\""}}`),
			call(`{"index":0,"id":"call_1","type":"function","function":{"name":"look_up","arguments":":1}"}}`), calls), " " + oneCall},
		{"names with null and arguments as an object", stream(
			call(`{"index":0,"id":"call_1","type":"function","function":{"name":"look_up","arguments":{"a":1}}}`), call(`{"index":0,"id":null,"type":null,"function":{"name":null,"arguments":null}}`), calls), " " + oneCall},
		{"vLLM, reasons to finish twice", stream(call(whole(0, "call_1", "look_up", `{"a":1}`)), calls, calls, bill), " " + oneCall + " in=20 out=9 cached=16 reasoning=5"},
		{"Gemini, a reason with each call", stream(
			`{"choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[`+whole(0, "call_1", "look_up", `{"a":1}`)+`]},"finish_reason":"tool_calls"}]}`,
			`{"choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[`+whole(1, "call_2", "book", `{"b":2}`)+`]},"finish_reason":"tool_calls"}]}`), twoCalls},
		{"Gemini, no marker", "data: " + good + "\n\ndata: " + day + "\n\ndata: " + stop + "\n\n", "Good day."},
		{"usage with each chunk", stream(
			`{"choices":[{"index":0,"delta":{"content":"Good"}}],"usage":{"prompt_tokens":20,"completion_tokens":1}}`,
			`{"choices":[{"index":0,"delta":{"content":" day."},"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":3}}`), "Good day. in=20 out=3 cached=0 reasoning=0"},
		{"details that are null", stream(good, stop, `{"choices":[],"usage":{"prompt_tokens":2,"completion_tokens":1,"prompt_tokens_details":null,"completion_tokens_details":null}}`), "Good in=2 out=1 cached=0 reasoning=0"},
		{"Mistral, content in parts", stream(`{"choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]},{"type":"text","text":"Good"}]}}]}`, day, stop), "Good day."},
		{"DeepSeek, reasoning", stream(`{"choices":[{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":"Hm"}}]}`, good, stop), "Good"},
		{"a second choice", stream(good, `{"choices":[{"index":1,"delta":{"content":"Bad"}}]}`, day, stop), "Good day."},

		{"empty data", "data:\n\ndata: \n\n" + stream(good) + stream(day), "Good"},
		{"empty data in between", "data: " + good + "\n\ndata:\n\ndata: " + day + "\n\ndata: " + stop + "\n\ndata: [DONE]\n\n", "Good day."},
		{"CRLF", strings.ReplaceAll(stream(good, day, stop), "\n", "\r\n"), "Good day."},
		{"CR", strings.ReplaceAll(stream(good, day, stop), "\n", "\r"), "Good day."},
		{"no space after the colon", strings.ReplaceAll(stream(good, day, stop), "data: ", "data:"), "Good day."},
		{"no empty lines", strings.ReplaceAll(stream(good, day, stop), "\n\n", "\n"), "Good day."},
		{"comments", ": OPENROUTER PROCESSING\n\n" + strings.ReplaceAll(stream(good, day, stop), "\n\n", "\n\n: ping\n\n"), "Good day."},
		{"ids, names and pauses", "retry: 1000\nid: 1\nevent: message\n" + stream(good, day, stop), "Good day."},
		{"byte order mark", "\ufeff" + stream(good, day, stop), "Good day."},
		{"a value on several lines", "data: {\"choices\":\ndata: [{\"index\":0,\"delta\":\ndata: {\"content\":\"Good\"}}]}\n\n" + stream(day, stop), "Good day."},
		{"no line end after the marker", strings.TrimSpace(stream(good, day, stop)), "Good day."},
		{"null", stream("null", good, "null", day, stop), "Good day."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{1, 7, len(tt.stream)} {
				client, _ := answers(t, "text/event-stream", tt.stream, size)
				if got, err := said(t, client); err != nil || got != tt.want {
					t.Errorf("in pieces of %d\ngot  %q, %v\nwant %q", size, got, err, tt.want)
				}
			}
		})
	}
}

// An error in a stream with status 200 is returned as an error, whatever its format.
func TestErrorsInStreams(t *testing.T) {
	for _, tt := range []struct {
		name, stream string
		want         openai.Error // The expected fields.
		kind         string
		temporary    bool
	}{
		{"OpenAI", stream(good, `{"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}`), openai.Error{Message: "The server had an error"}, "server_error", true},
		{"OpenAI, with a code", stream(`{"error":{"message":"Slow down","type":"requests","param":null,"code":"rate_limit_exceeded"}}`), openai.Error{Code: "rate_limit_exceeded", Message: "Slow down"}, "rate_limit_exceeded", true},
		{"event", "event: error\n" + stream(`{"error":{"message":"Down"}}`), openai.Error{Message: "Down"}, "_OTHER", true},
		{"event of another shape", "event: error\n" + stream(`{"reason":"Down"}`), openai.Error{Message: `{"reason":"Down"}`}, "_OTHER", true},
		{"event of no JSON", "event: error\ndata: Down\n\n", openai.Error{Message: "Down"}, "_OTHER", true},
		{"vLLM", stream(good, `{"error":{"object":"error","message":"Too long","type":"BadRequestError","param":null,"code":400}}`), openai.Error{Status: 400, Message: "Too long"}, "400", false},
		{"vLLM, older", stream(`{"object":"error","message":"Down","type":"InternalServerError","param":null,"code":500}`), openai.Error{Status: 500, Message: "Down"}, "500", true},
		{"llama.cpp, older", "error: {\"code\":503,\"message\":\"Loading model\",\"type\":\"unavailable_error\"}\n\n", openai.Error{Status: 503, Message: "Loading model"}, "503", true},
		{"OpenRouter", stream(`{"id":"gen-1","error":{"code":502,"message":"Provider disconnected"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}`), openai.Error{Status: 502, Message: "Provider disconnected"}, "502", true},
		{"a choice's", stream(`{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error","error":{"code":429,"message":"Busy"}}]}`), openai.Error{Status: 429, Message: "Busy"}, "429", true},
		{"a reason alone", stream(`{"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}`), openai.Error{}, "_OTHER", true},
		{"Gemini", stream(`[{"error":{"code":503,"message":"Overloaded","status":"UNAVAILABLE"}}]`), openai.Error{Status: 503, Message: "Overloaded"}, "503", true},
		{"a string", stream(`{"error":"model not found"}`), openai.Error{Message: "model not found"}, "_OTHER", true},
		{"LM Studio", stream(`{"error":{"message":"Compute error."},"message":"Compute error."}`), openai.Error{Message: "Compute error."}, "_OTHER", true},
		{"by itself", stream(`{"type":"error","code":"invalid_prompt","message":"No"}`), openai.Error{Code: "invalid_prompt", Message: "No"}, "invalid_prompt", true},
		{"request", stream(`{"error":{"message":"No","type":"invalid_request_error"}}`), openai.Error{Message: "No"}, "invalid_request_error", false},
		{"without a stream", `{"error":{"message":"Down"}}`, openai.Error{Message: "Down"}, "_OTHER", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			contentType := "text/event-stream"
			if strings.HasPrefix(tt.stream, "{") {
				contentType = "application/json; charset=utf-8"
			}
			client, _ := answers(t, contentType, tt.stream, len(tt.stream))
			_, err := said(t, client)
			got, ok := errors.AsType[*openai.Error](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			if got.Status != tt.want.Status || got.Code != tt.want.Code || got.Message != tt.want.Message || got.ErrorType() != tt.kind || got.Temporary() != tt.temporary {
				t.Errorf("got %+v, type %s, temporary %t", got, got.ErrorType(), got.Temporary())
			}
		})
	}
}

// An incomplete or invalid answer is an error.
func TestInvalidStreams(t *testing.T) {
	for _, tt := range []struct {
		name, stream string
		is           error
	}{
		{"nothing", "", io.ErrUnexpectedEOF},
		{"only comments", ": ping\n\n: ping\n\n", io.ErrUnexpectedEOF},
		{"no reason, no marker", "data: " + good + "\n\n", io.ErrUnexpectedEOF},
		{"half a value", "data: " + good[:20] + "\n\n", nil},
		{"no JSON", "data: oops\n\n", nil},
		{"a page", "<html>\n\n", io.ErrUnexpectedEOF},
		{"endless line", "data: " + strings.Repeat("x", 2<<20), nil},
		{"endless value", strings.Repeat("data: [\n", 1<<19), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, _ := answers(t, "text/event-stream", tt.stream, max(len(tt.stream), 1))
			if got, err := said(t, client); err == nil || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestAnswerWithoutAStream(t *testing.T) {
	const whole = `{"id":"1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"One moment.",
		"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"call_2","type":"function","function":{"name":"g","arguments":"{}"}}]},
		"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":2,"completion_tokens":1}}`
	client, _ := answers(t, "application/json", whole, len(whole))
	const want = "One moment. [call_1 f({})] [call_2 g({})] in=2 out=1 cached=0 reasoning=0"
	if got, err := said(t, client); err != nil || got != want {
		t.Errorf("got  %q, %v\nwant %q", got, err, want)
	}
}

// A server that leaves the connection open after the marker does not delay the answer.
func TestStreamThatStaysOpen(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, stream(good, stop))
		w.(http.Flusher).Flush()
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(release)
	if got, err := said(t, newClient(t, server.URL)); err != nil || got != "Good" {
		t.Errorf("got %q, %v", got, err)
	}
}

// Requests use the form that all providers accept: tools without parameters have a schema, and calls
// without text have the content null.
func TestRequest(t *testing.T) {
	client, asked := answers(t, "text/event-stream", stream(good, stop), 1000)
	for _, err := range client.Responder("m").Respond(t.Context(), voiceprovider.Request{
		Messages: []voiceprovider.Message{
			{Role: voiceprovider.User, Text: "Hi"},
			{Role: voiceprovider.Assistant, ToolCalls: []voiceprovider.ToolCall{{ID: "call_1", Name: "f", Arguments: "{}"}}},
			{Role: voiceprovider.ToolRole, ToolCallID: "call_1"},
			{Role: voiceprovider.Assistant, ToolCalls: []voiceprovider.ToolCall{{ID: "call_3", Name: "f", Arguments: `{"a":`}}},
			{Role: voiceprovider.Assistant, Text: "One moment.", ToolCalls: []voiceprovider.ToolCall{{ID: "call_2", Name: "f", Arguments: "{}"}}},
		},
		Tools: []voiceprovider.Tool{{Name: "f"}, {Name: "g", Parameters: `{"type":"object"}`}},
	}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	got := <-asked
	for _, want := range []string{
		`{"role":"user","content":"Hi"}`,
		`{"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}],"content":null}`,
		`{"role":"tool","content":"","tool_call_id":"call_1"}`,
		`{"id":"call_3","type":"function","function":{"name":"f","arguments":"{}"}}`,
		`{"role":"assistant","content":"One moment.","tool_calls":[{`,
		`{"name":"f","description":"","parameters":{"type":"object","properties":{}}}`,
		`{"name":"g","description":"","parameters":{"type":"object"}}`,
	} {
		if !strings.Contains(got, want) || !json.Valid([]byte(got)) {
			t.Errorf("got %s\nwant %s in it", got, want)
		}
	}
}

// No stream causes a panic or returns more text than it contains.
func FuzzStream(f *testing.F) {
	f.Add(stream(open, good, call(`{"index":0,"id":"call_1","function":{"name":"f","arguments":"{}"}}`), calls, bill))
	f.Add("event: error\r\ndata: {\r\ndata: \"error\": 1}\r\r\ndata:[DONE]")
	f.Fuzz(func(t *testing.T, body string) {
		client := &openai.Client{HTTP: &http.Client{Transport: canned(body)}}
		ended := false
		for chunk, err := range client.Chat(t.Context(), openai.ChatRequest{}) {
			if ended {
				t.Fatal("more after an error")
			}
			ended = err != nil
			if len(chunk.Text) > len(body) {
				t.Errorf("%d bytes of text from %d", len(chunk.Text), len(body))
			}
		}
	})
}

// canned answers every request with the same stream.
type canned string

func (c canned) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(c)))}, nil
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package sdks_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// vendor serves a stream of events. It sends an event when the one before was read.
type vendor struct {
	*httptest.Server

	read chan struct{}
}

func serve(t *testing.T, events ...string) *vendor {
	t.Helper()
	v := &vendor{read: make(chan struct{})}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, event := range events {
			_, _ = io.WriteString(w, event+"\n\n")
			_ = http.NewResponseController(w).Flush()
			select {
			case <-v.read:
			case <-r.Context().Done():
				return
			}
		}
	}))
	t.Cleanup(v.Close)
	return v
}

// chunks reads a stream to its end, and returns after which chunk the stage knew the first
// token, by its span event.
func chunks(t *testing.T, v *vendor, next, known func() bool) (first int) {
	t.Helper()
	for n := 1; next(); n++ {
		if first == 0 && known() {
			first = n
		}
		v.read <- struct{}{}
	}
	close(v.read)
	return first
}

// WrapStream handles the streams of the SDKs: only answers have a first token, and the stage has
// the usage of their chunks.
func TestStreamsOfSDKs(t *testing.T) {
	ctx := context.Background()
	for _, tt := range []struct {
		name   string
		events []string
		stream func(url string, llm *otelvoice.LLM) (next func() bool, err func() error)
		first  int // The chunk with the first token.
		input  int64
		output int64
	}{
		{
			name: "openai-go, chat",
			events: []string{
				`data: {"id":"x","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}`,
				`data: {"id":"x","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"book","arguments":""}}]}}]}`,
				`data: {"id":"x","choices":[{"index":0,"delta":{"content":"We"}}]}`,
				`data: {"id":"x","choices":[],"usage":{"prompt_tokens":80,"completion_tokens":4,"total_tokens":84}}`,
				`data: [DONE]`,
			},
			stream: func(url string, llm *otelvoice.LLM) (func() bool, func() error) {
				client := openai.NewClient(openaioption.WithBaseURL(url), openaioption.WithAPIKey("k"))
				s := otelvoice.WrapStream(llm, client.Chat.Completions.NewStreaming(ctx, openai.ChatCompletionNewParams{Model: "o"}))
				return s.Next, s.Err
			},
			first: 3, input: 80, output: 4,
		},
		{
			name: "openai-go, responses",
			events: []string{
				"event: response.created\n" + `data: {"type":"response.created","response":{"id":"resp_1"}}`,
				"event: response.output_item.added\n" + `data: {"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"msg_1"}}`,
				"event: response.output_text.delta\n" + `data: {"type":"response.output_text.delta","item_id":"msg_1","delta":"We"}`,
				"event: response.completed\n" + `data: {"type":"response.completed","response":{"id":"resp_1","usage":{"input_tokens":328,"output_tokens":52,"total_tokens":380}}}`,
			},
			stream: func(url string, llm *otelvoice.LLM) (func() bool, func() error) {
				client := openai.NewClient(openaioption.WithBaseURL(url), openaioption.WithAPIKey("k"))
				s := otelvoice.WrapStream(llm, client.Responses.NewStreaming(ctx, responses.ResponseNewParams{Model: "o"}))
				return s.Next, s.Err
			},
			first: 3, input: 328, output: 52,
		},
		{
			name: "anthropic-sdk-go",
			events: []string{
				"event: message_start\n" + `data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","content":[],"model":"m","usage":{"input_tokens":25,"cache_read_input_tokens":75,"output_tokens":1}}}`,
				"event: content_block_start\n" + `data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`,
				"event: content_block_delta\n" + `data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"We"}}`,
				"event: message_delta\n" + `data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}`,
				"event: message_stop\n" + `data: {"type":"message_stop"}`,
			},
			stream: func(url string, llm *otelvoice.LLM) (func() bool, func() error) {
				client := anthropic.NewClient(anthropicoption.WithBaseURL(url), anthropicoption.WithAPIKey("k"))
				s := otelvoice.WrapStream(llm, client.Messages.NewStreaming(ctx, anthropic.MessageNewParams{
					Model: "m", MaxTokens: 10, Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("x"))},
				}))
				return s.Next, s.Err
			},
			first: 3, input: 100, output: 15,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			sctx, session := tel.StartSession(t.Context())
			_, turn := session.StartTurn(sctx)
			_, llm := turn.StartLLM(sctx, otelvoice.Model{Name: "m"})
			v := serve(t, tt.events...)
			next, failed := tt.stream(v.URL, llm)
			first := chunks(t, v, next, func() bool { return hasFirstToken(rec) })
			if err := failed(); err != nil {
				t.Fatal(err)
			}
			if first != tt.first {
				t.Errorf("the first token is in chunk %d, want %d", first, tt.first)
			}
			turn.End()
			session.End()
			voicetest.Check(t, rec)
			stage := turn.Stages()[0]
			if in, out := tokens(stage, semconv.GenAIUsageInputTokensKey), tokens(stage, semconv.GenAIUsageOutputTokensKey); in != tt.input || out != tt.output {
				t.Errorf("%d tokens in and %d out, want %d and %d", in, out, tt.input, tt.output)
			}
		})
	}
}

// hasFirstToken reports whether an open stage has recorded its first token.
func hasFirstToken(rec *voicetest.Recorder) bool {
	for _, span := range rec.Open() {
		for _, event := range span.Events() {
			if event.Name == semconv.EventVoiceLLMFirstToken {
				return true
			}
		}
	}
	return false
}

func tokens(stage otelvoice.StageMetrics, key attribute.Key) int64 {
	n, _ := stage.Float(key)
	return int64(n)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package sdks_test

import (
	"encoding/json"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/realtime"
	"github.com/openai/openai-go/v3/responses"
	goopenai "github.com/sashabaranov/go-openai"
	"google.golang.org/genai"

	"github.com/voice-agents/telemetry/otelvoice"
)

// decoded returns a message as an SDK decodes it.
func decoded[T any](t *testing.T, message string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(message), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// The usage is read from the values of the SDKs: responses, events and usage.
func TestUsageOfSDKs(t *testing.T) {
	chat := decoded[openai.ChatCompletion](t, `{"id":"chatcmpl-1","usage":{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,
		"prompt_tokens_details":{"cached_tokens":1920},"completion_tokens_details":{"reasoning_tokens":10}}}`)
	ofChat := otelvoice.Usage{InputTokens: 2006, OutputTokens: 300, CacheReadInputTokens: 1920, ReasoningOutputTokens: 10}

	response := decoded[responses.ResponseStreamEventUnion](t, `{"type":"response.completed","response":{"id":"resp_1","usage":{"input_tokens":328,
		"input_tokens_details":{"cached_tokens":128},"output_tokens":52,"output_tokens_details":{"reasoning_tokens":32},"total_tokens":380}}}`)
	ofResponse := otelvoice.Usage{InputTokens: 328, OutputTokens: 52, CacheReadInputTokens: 128, ReasoningOutputTokens: 32}

	spoken := decoded[realtime.RealtimeServerEventUnion](t, `{"type":"response.done","response":{"status":"cancelled","usage":{"total_tokens":253,
		"input_tokens":132,"output_tokens":121,"input_token_details":{"text_tokens":119,"audio_tokens":13,"cached_tokens":64,
		"cached_tokens_details":{"text_tokens":56,"audio_tokens":8}},"output_token_details":{"text_tokens":30,"audio_tokens":91}}}}`)
	ofSpoken := otelvoice.Usage{
		InputTokens: 132, OutputTokens: 121, CacheReadInputTokens: 64,
		AudioInputTokens: 13, AudioOutputTokens: 91, AudioCacheReadInputTokens: 8,
	}

	var message anthropic.Message
	for _, event := range []string{
		`{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"m",
			"usage":{"input_tokens":25,"cache_read_input_tokens":100,"cache_creation_input_tokens":7,"output_tokens":1}}}`,
		`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}`,
	} {
		if err := message.Accumulate(decoded[anthropic.MessageStreamEventUnion](t, event)); err != nil {
			t.Fatal(err)
		}
	}
	// Anthropic's input leaves cached tokens out: 25 + 100 + 7.
	ofMessage := otelvoice.Usage{InputTokens: 132, OutputTokens: 15, CacheReadInputTokens: 100, CacheWriteInputTokens: 7}

	// Gemini's candidates leave thoughts out: 6 + 9.
	generated := &genai.GenerateContentResponse{UsageMetadata: &genai.GenerateContentResponseUsageMetadata{
		PromptTokenCount: 5, CandidatesTokenCount: 6, ThoughtsTokenCount: 9, TotalTokenCount: 20,
		PromptTokensDetails: []*genai.ModalityTokenCount{{Modality: genai.MediaModalityAudio, TokenCount: 3}},
	}}
	ofGenerated := otelvoice.Usage{InputTokens: 5, OutputTokens: 15, ReasoningOutputTokens: 9, AudioInputTokens: 3}

	for _, tt := range []struct {
		name      string
		got, want otelvoice.Usage
	}{
		{"openai-go, a chat", otelvoice.UsageOpenAI(chat), ofChat},
		{"openai-go, a pointer to it", otelvoice.UsageOpenAI(&chat), ofChat},
		{"openai-go, its usage", otelvoice.UsageOpenAI(chat.Usage), ofChat},
		{"openai-go, an event of the responses API", otelvoice.UsageOpenAI(response), ofResponse},
		{"openai-go, the usage of its response", otelvoice.UsageOpenAI(response.Response.Usage), ofResponse},
		{"openai-go, an event of the realtime API", otelvoice.UsageOpenAI(spoken), ofSpoken},
		{"anthropic-sdk-go, a message", otelvoice.UsageAnthropic(message), ofMessage},
		{"anthropic-sdk-go, its usage", otelvoice.UsageAnthropic(message.Usage), ofMessage},
		{
			"go-openai",
			otelvoice.UsageOpenAI(&goopenai.Usage{
				PromptTokens: 5, CompletionTokens: 6,
				PromptTokensDetails: &goopenai.PromptTokensDetails{CachedTokens: 3},
			}),
			otelvoice.Usage{InputTokens: 5, OutputTokens: 6, CacheReadInputTokens: 3},
		},
		{"genai, a response", otelvoice.UsageGemini(generated), ofGenerated},
		{"genai, its usage", otelvoice.UsageGemini(generated.UsageMetadata), ofGenerated},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.got != tt.want {
				t.Errorf("\ngot  %+v\nwant %+v", tt.got, tt.want)
			}
		})
	}
}

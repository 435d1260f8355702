// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// The reports are the examples in the providers' documentation, and their variants by gateways.
func TestUsageOfProviders(t *testing.T) {
	for _, tt := range []struct {
		name   string
		read   func(any) otelvoice.Usage
		report string
		want   otelvoice.Usage
	}{
		{
			"OpenAI, chat completion", otelvoice.UsageOpenAI,
			`{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,
			  "prompt_tokens_details":{"cached_tokens":1920},
			  "completion_tokens_details":{"reasoning_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`,
			otelvoice.Usage{InputTokens: 2006, OutputTokens: 300, CacheReadInputTokens: 1920},
		},
		{
			"OpenAI, audio in chat", otelvoice.UsageOpenAI,
			`{"id":"chatcmpl-1","usage":{"prompt_tokens":120,"completion_tokens":90,"total_tokens":210,
			  "prompt_tokens_details":{"cached_tokens":0,"audio_tokens":101},"completion_tokens_details":{"audio_tokens":70}}}`,
			otelvoice.Usage{InputTokens: 120, OutputTokens: 90, AudioInputTokens: 101, AudioOutputTokens: 70},
		},
		{ // The 94 reasoning tokens are not part of the 9.
			"xAI, reasoning beside the answer, without a total", otelvoice.UsageOpenAI,
			`{"usage":{"prompt_tokens":32,"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":94}}}`,
			otelvoice.Usage{InputTokens: 32, OutputTokens: 103, ReasoningOutputTokens: 94},
		},
		{ // 10 + 100 in; 20 + 50 out; the total is 10 + 20 + 50.
			"Gemini, thoughts and a tool that is not in the total", otelvoice.UsageGemini,
			`{"promptTokenCount":10,"candidatesTokenCount":20,"toolUsePromptTokenCount":100,"thoughtsTokenCount":50,"totalTokenCount":80}`,
			otelvoice.Usage{InputTokens: 110, OutputTokens: 70, ReasoningOutputTokens: 50},
		},
		{ // 10 + 100 + 4 in.
			"Bedrock, the end of a stream", otelvoice.UsageAnthropic,
			`{"metadata":{"usage":{"inputTokens":10,"outputTokens":5,"totalTokens":119,"cacheReadInputTokens":100,"cacheWriteInputTokens":4},"metrics":{"latencyMs":9}}}`,
			otelvoice.Usage{InputTokens: 114, OutputTokens: 5, CacheReadInputTokens: 100, CacheWriteInputTokens: 4},
		},
		{
			"Bedrock, as its SDK has it", otelvoice.UsageAnthropic,
			`{"Value":{"Usage":{"InputTokens":10,"OutputTokens":5,"TotalTokens":15,"CacheReadInputTokens":null}}}`,
			otelvoice.Usage{InputTokens: 10, OutputTokens: 5},
		},
		{
			"OpenAI, a chunk before the last", otelvoice.UsageOpenAI,
			`{"object":"chat.completion.chunk","choices":[{"delta":{"content":"Hi"}}],"usage":null}`,
			otelvoice.Usage{},
		},
		{
			"OpenAI, responses", otelvoice.UsageOpenAI,
			`{"type":"response.completed","response":{"id":"resp_1","usage":{"input_tokens":328,"input_tokens_details":{"cached_tokens":128},
			  "output_tokens":52,"output_tokens_details":{"reasoning_tokens":32},"total_tokens":380}}}`,
			otelvoice.Usage{InputTokens: 328, OutputTokens: 52, CacheReadInputTokens: 128, ReasoningOutputTokens: 32},
		},
		{
			"OpenAI, realtime", otelvoice.UsageOpenAI,
			`{"type":"response.done","event_id":"event_1","response":{"status":"cancelled","usage":{"total_tokens":253,"input_tokens":132,"output_tokens":121,
			  "input_token_details":{"text_tokens":119,"audio_tokens":13,"image_tokens":0,"cached_tokens":64,"cached_tokens_details":{"text_tokens":56,"audio_tokens":8,"image_tokens":0}},
			  "output_token_details":{"text_tokens":30,"audio_tokens":91}}}}`,
			otelvoice.Usage{InputTokens: 132, OutputTokens: 121, CacheReadInputTokens: 64, AudioInputTokens: 13, AudioOutputTokens: 91, AudioCacheReadInputTokens: 8},
		},
		{
			"OpenAI, a cancelled response without usage", otelvoice.UsageOpenAI,
			`{"type":"response.done","response":{"status":"cancelled","usage":null}}`,
			otelvoice.Usage{},
		},
		{
			"xAI, reasoning beside the completion", otelvoice.UsageOpenAI,
			`{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"prompt_tokens_details":{"text_tokens":32,"audio_tokens":0,"cached_tokens":6},
			  "completion_tokens_details":{"reasoning_tokens":94}}`,
			otelvoice.Usage{InputTokens: 32, OutputTokens: 103, CacheReadInputTokens: 6, ReasoningOutputTokens: 94},
		},
		{
			"DeepSeek", otelvoice.UsageOpenAI,
			`{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36}`,
			otelvoice.Usage{InputTokens: 100, OutputTokens: 20, CacheReadInputTokens: 64},
		},
		{
			"Groq, in a chunk", otelvoice.UsageOpenAI,
			`{"choices":[],"x_groq":{"id":"req_1","usage":{"queue_time":0.03,"prompt_tokens":24,"completion_tokens":11,"total_tokens":35}}}`,
			otelvoice.Usage{InputTokens: 24, OutputTokens: 11},
		},
		{
			"Anthropic, cache written", otelvoice.UsageAnthropic,
			`{"cache_creation_input_tokens":188086,"cache_read_input_tokens":0,"input_tokens":21,"output_tokens":393}`,
			otelvoice.Usage{InputTokens: 188107, OutputTokens: 393, CacheWriteInputTokens: 188086},
		},
		{
			"Anthropic, cache read", otelvoice.UsageAnthropic,
			`{"cache_creation_input_tokens":0,"cache_read_input_tokens":188086,"input_tokens":21,"output_tokens":393}`,
			otelvoice.Usage{InputTokens: 188107, OutputTokens: 393, CacheReadInputTokens: 188086},
		},
		{
			"Anthropic, lifetimes of the cache", otelvoice.UsageAnthropic,
			`{"input_tokens":2048,"cache_read_input_tokens":1800,"cache_creation_input_tokens":248,"output_tokens":503,
			  "cache_creation":{"ephemeral_5m_input_tokens":148,"ephemeral_1h_input_tokens":100},"output_tokens_details":{"thinking_tokens":120}}`,
			otelvoice.Usage{InputTokens: 4096, OutputTokens: 503, CacheReadInputTokens: 1800, CacheWriteInputTokens: 248, ReasoningOutputTokens: 120},
		},
		{
			"Anthropic, the start of a stream", otelvoice.UsageAnthropic,
			`{"type":"message_start","message":{"id":"msg_1","content":[],"usage":{"input_tokens":25,"output_tokens":1}}}`,
			otelvoice.Usage{InputTokens: 25, OutputTokens: 1},
		},
		{
			"Anthropic, the end of a stream", otelvoice.UsageAnthropic,
			`{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}`,
			otelvoice.Usage{OutputTokens: 15},
		},
		{
			"Anthropic, a compaction", otelvoice.UsageAnthropic,
			`{"input_tokens":23000,"output_tokens":1000,"iterations":[{"type":"compaction","input_tokens":180000,"output_tokens":3500},
			  {"type":"message","input_tokens":23000,"output_tokens":1000}]}`,
			otelvoice.Usage{InputTokens: 203000, OutputTokens: 4500},
		},
		{
			"Anthropic, compactions with caches", otelvoice.UsageAnthropic,
			`{"input_tokens":30,"cache_read_input_tokens":2000,"cache_creation_input_tokens":100,"output_tokens":50,"iterations":[
			  {"type":"compaction","input_tokens":7,"cache_read_input_tokens":150000,"cache_creation_input_tokens":0,"output_tokens":800},
			  {"type":"message","input_tokens":10,"cache_read_input_tokens":1000,"cache_creation_input_tokens":100,"output_tokens":20},
			  {"type":"compaction","input_tokens":3,"cache_creation":{"ephemeral_5m_input_tokens":400,"ephemeral_1h_input_tokens":0},"output_tokens":200},
			  {"type":"message","input_tokens":20,"cache_read_input_tokens":1000,"output_tokens":30}]}`,
			otelvoice.Usage{InputTokens: 152540, OutputTokens: 1050, CacheReadInputTokens: 152000, CacheWriteInputTokens: 500},
		},
		{
			"Anthropic, a stop after a compaction", otelvoice.UsageAnthropic,
			`{"input_tokens":0,"output_tokens":0,"iterations":[{"type":"compaction","input_tokens":180000,"output_tokens":3500}]}`,
			otelvoice.Usage{InputTokens: 180000, OutputTokens: 3500},
		},
		{
			"Anthropic, a compaction at the end of a stream without its input", otelvoice.UsageAnthropic,
			`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":null,"cache_read_input_tokens":null,"output_tokens":15,
			  "iterations":[{"type":"compaction","input_tokens":900,"output_tokens":70},{"type":"message","input_tokens":5,"cache_read_input_tokens":20,"output_tokens":15}]}}`,
			otelvoice.Usage{InputTokens: 925, OutputTokens: 85, CacheReadInputTokens: 20},
		},
		{
			"Anthropic, the iterations of its own tools", otelvoice.UsageAnthropic,
			`{"input_tokens":300,"output_tokens":60,"iterations":[{"type":"message","input_tokens":100,"output_tokens":20},{"type":"message","input_tokens":200,"output_tokens":40}]}`,
			otelvoice.Usage{InputTokens: 300, OutputTokens: 60},
		},
		{
			"Anthropic, an advisor", otelvoice.UsageAnthropic,
			`{"input_tokens":412,"output_tokens":531,"iterations":[{"type":"message","input_tokens":412,"output_tokens":89},
			  {"type":"advisor_message","model":"claude-fable-5","input_tokens":823,"output_tokens":1612},{"type":"message","input_tokens":1348,"output_tokens":442}]}`,
			otelvoice.Usage{InputTokens: 412, OutputTokens: 531},
		},
		{
			"Anthropic, a model that declined", otelvoice.UsageAnthropic,
			`{"input_tokens":412,"output_tokens":264,"iterations":[{"type":"message","model":"claude-fable-5","input_tokens":535,"output_tokens":0},
			  {"type":"fallback_message","model":"claude-opus-4-8","input_tokens":412,"output_tokens":264}]}`,
			otelvoice.Usage{InputTokens: 412, OutputTokens: 264},
		},
		{
			"Anthropic, no iterations", otelvoice.UsageAnthropic,
			`{"input_tokens":25,"output_tokens":15,"iterations":null}`,
			otelvoice.Usage{InputTokens: 25, OutputTokens: 15},
		},
		{
			"Anthropic, an empty list of iterations", otelvoice.UsageAnthropic,
			`{"input_tokens":25,"output_tokens":15,"iterations":[]}`,
			otelvoice.Usage{InputTokens: 25, OutputTokens: 15},
		},
		{
			"Anthropic, iterations of another shape", otelvoice.UsageAnthropic,
			`{"input_tokens":25,"output_tokens":15,"iterations":[null,7,{"type":"new","output_tokens":9},{"type":"compaction","output_tokens":null}]}`,
			otelvoice.Usage{InputTokens: 25, OutputTokens: 15},
		},
		{
			"Gemini", otelvoice.UsageGemini,
			`{"candidates":[],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":734,"totalTokenCount":738,
			  "promptTokensDetails":[{"modality":"TEXT","tokenCount":4}],"candidatesTokensDetails":[{"modality":"TEXT","tokenCount":734}]}}`,
			otelvoice.Usage{InputTokens: 4, OutputTokens: 734},
		},
		{
			"Gemini, thoughts, a tool, a cache and audio", otelvoice.UsageGemini,
			`{"promptTokenCount":1000,"cachedContentTokenCount":600,"toolUsePromptTokenCount":50,"candidatesTokenCount":100,"thoughtsTokenCount":300,"totalTokenCount":1450,
			  "promptTokensDetails":[{"modality":"TEXT","tokenCount":700},{"modality":"AUDIO","tokenCount":300}],
			  "cacheTokensDetails":[{"modality":"AUDIO","tokenCount":120},{"modality":"TEXT","tokenCount":480}],
			  "candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":80},{"modality":"TEXT","tokenCount":20}]}`,
			otelvoice.Usage{
				InputTokens: 1050, OutputTokens: 400, CacheReadInputTokens: 600, ReasoningOutputTokens: 300,
				AudioInputTokens: 300, AudioOutputTokens: 80, AudioCacheReadInputTokens: 120,
			},
		},
		{
			"Gemini, thoughts inside the candidates", otelvoice.UsageGemini,
			`{"promptTokenCount":10,"candidatesTokenCount":100,"thoughtsTokenCount":60,"totalTokenCount":110}`,
			otelvoice.Usage{InputTokens: 10, OutputTokens: 100, ReasoningOutputTokens: 60},
		},
		{
			"Gemini, live", otelvoice.UsageGemini,
			`{"serverContent":{"turnComplete":true},"usageMetadata":{"promptTokenCount":13,"responseTokenCount":101,"totalTokenCount":114,
			  "promptTokensDetails":[{"modality":"AUDIO","tokenCount":13}],"responseTokensDetails":[{"modality":"AUDIO","tokenCount":101}]}}`,
			otelvoice.Usage{InputTokens: 13, OutputTokens: 101, AudioInputTokens: 13, AudioOutputTokens: 101},
		},
		{"nothing", otelvoice.UsageGemini, ``, otelvoice.Usage{}},
		{"null", otelvoice.UsageAnthropic, `null`, otelvoice.Usage{}},
		{"numbers with a fraction of 0, and null", otelvoice.UsageOpenAI, `{"prompt_tokens":12.0,"completion_tokens":null}`, otelvoice.Usage{InputTokens: 12}},
		{"details that are no object", otelvoice.UsageOpenAI, `{"prompt_tokens_details":[1],"prompt_tokens":12}`, otelvoice.Usage{InputTokens: 12}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for form, report := range map[string]any{
				"string": tt.report, "bytes": []byte(tt.report), "raw": json.RawMessage(tt.report),
			} {
				if got := tt.read(report); got != tt.want {
					t.Errorf("from %s\ngot  %+v\nwant %+v", form, got, tt.want)
				}
			}
		})
	}
}

// chatUsage is a report as decoded by an SDK.
type chatUsage struct {
	PromptTokens     int64 `json:"prompt_tokens"`
	CompletionTokens int64 `json:"completion_tokens"`
	Details          *struct {
		CachedTokens int64 `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
}

// badReport is a report whose method panics.
type badReport struct{}

func (badReport) MarshalJSON() ([]byte, error) { panic("no") }

func TestUsageOfSDKs(t *testing.T) {
	u := &chatUsage{PromptTokens: 80, CompletionTokens: 4}
	for _, report := range []any{u, *u, map[string]any{"usage": u}} {
		if got, want := otelvoice.UsageOpenAI(report), (otelvoice.Usage{InputTokens: 80, OutputTokens: 4}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	for _, none := range []any{nil, (*chatUsage)(nil), chatUsage{}} {
		if got := otelvoice.UsageOpenAI(none); got != (otelvoice.Usage{}) {
			t.Errorf("%#v gives %+v", none, got)
		}
	}
	rec := inTurn(t, func(ctx context.Context, turn *otelvoice.Turn) {
		_, llm := turn.StartLLM(ctx, gpt)
		for _, bad := range []any{badReport{}, make(chan int), `{"prompt_tokens":`, `[1]`} {
			llm.SetUsage(otelvoice.UsageOpenAI(bad))
		}
		llm.End(nil)
	})
	if got := points(rec, "voice.measurements.dropped"); got != "voice.drop.reason=malformed voice.measurement=gen_ai.usage.input_tokens 4" {
		t.Errorf("dropped %s", got)
	}
}

// No recorded part is greater than its total and no count is negative, for any report.
func FuzzUsage(f *testing.F) {
	f.Add(`{"prompt_tokens":1,"completion_tokens":-1,"total_tokens":1e300}`)
	f.Add(`{"input_tokens":9223372036854775807,"cache_read_input_tokens":9223372036854775807,"cache_creation_input_tokens":1}`)
	f.Add(`{"usageMetadata":{"promptTokenCount":"4","thoughtsTokenCount":0.5,"cachedContentTokenCount":7}}`)
	f.Add(`{"message":{"message":{"message":{"message":{"usage":{}}}}}}`)
	f.Fuzz(func(t *testing.T, report string) {
		tel, rec := voicetest.Setup(t)
		ctx, session := tel.StartSession(t.Context())
		_, turn := session.StartTurn(ctx)
		for _, read := range []func(any) otelvoice.Usage{otelvoice.UsageOpenAI, otelvoice.UsageAnthropic, otelvoice.UsageGemini} {
			_, llm := turn.StartLLM(ctx, gpt)
			llm.SetUsage(read(report))
			llm.End(nil)
			llm.SetUsage(read(report))
		}
		session.End()
		voicetest.Check(t, rec)
		for _, s := range turn.Stages() {
			count := func(key string) float64 {
				n, known := s.Float(attribute.Key(key))
				if known && n <= 0 {
					t.Errorf("%s is %v", key, n)
				}
				return n
			}
			in, out := count("gen_ai.usage.input_tokens"), count("gen_ai.usage.output_tokens")
			if count("gen_ai.usage.cache_read.input_tokens")+count("gen_ai.usage.cache_write.input_tokens") > in || count("gen_ai.usage.audio.input_tokens") > in ||
				count("gen_ai.usage.reasoning.output_tokens")+count("gen_ai.usage.audio.output_tokens") > out {
				t.Errorf("a part is greater than its total: %v", s.Attributes)
			}
		}
	})
}

func TestUsageThatCannotBe(t *testing.T) {
	for _, tt := range []struct {
		name    string
		set     []otelvoice.Usage
		want    string // On the span, in the order of the fields.
		dropped string
	}{
		{
			"cached tokens beside the input",
			[]otelvoice.Usage{{InputTokens: 21, CacheReadInputTokens: 188086, OutputTokens: 10}},
			"input_tokens=21 output_tokens=10", "out_of_range gen_ai.usage.cache_read.input_tokens",
		},
		{
			"a cache that was read and written for more than the prompt",
			[]otelvoice.Usage{{InputTokens: 100, CacheReadInputTokens: 80, CacheWriteInputTokens: 21}},
			"input_tokens=100 cache_read.input_tokens=80", "out_of_range gen_ai.usage.cache_write.input_tokens",
		},
		{"a part without a total", []otelvoice.Usage{{ReasoningOutputTokens: 5}}, "", "out_of_range gen_ai.usage.reasoning.output_tokens"},
		{"negative", []otelvoice.Usage{{InputTokens: 9, OutputTokens: -1}}, "input_tokens=9", "negative gen_ai.usage.output_tokens"},
		{"negative after good", []otelvoice.Usage{{InputTokens: 9}, {InputTokens: -9}}, "input_tokens=9", "negative gen_ai.usage.input_tokens"},
		{"absurd", []otelvoice.Usage{{InputTokens: 1 << 40}}, "", "out_of_range gen_ai.usage.input_tokens"},
		{"in two reports", []otelvoice.Usage{{InputTokens: 25, OutputTokens: 1}, {OutputTokens: 15}}, "input_tokens=25 output_tokens=15", ""},
		{
			"a later report whose input leaves cached tokens out",
			[]otelvoice.Usage{{InputTokens: 1225, CacheReadInputTokens: 1000, CacheWriteInputTokens: 200, OutputTokens: 1}, {InputTokens: 25, OutputTokens: 15}},
			"input_tokens=1225 output_tokens=15 cache_read.input_tokens=1000 cache_write.input_tokens=200", "",
		},
		{"twice the same", []otelvoice.Usage{{InputTokens: 25}, {InputTokens: 25}}, "input_tokens=25", ""},
		{"nothing after something", []otelvoice.Usage{{InputTokens: 25}, {}}, "input_tokens=25", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var turn *otelvoice.Turn
			rec := inTurn(t, func(ctx context.Context, started *otelvoice.Turn) {
				turn = started
				_, llm := turn.StartLLM(ctx, gpt)
				for _, u := range tt.set {
					llm.SetUsage(u)
				}
				llm.End(nil)
			})
			var got []string
			for _, kv := range turn.Stages()[0].Attributes {
				if name, ok := strings.CutPrefix(string(kv.Key), "gen_ai.usage."); ok {
					got = append(got, name+"="+kv.Value.String())
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got %q, want %q", strings.Join(got, " "), tt.want)
			}
			want := ""
			if reason, name, ok := strings.Cut(tt.dropped, " "); ok {
				want = "voice.drop.reason=" + reason + " voice.measurement=" + name + " 1"
			}
			if got := points(rec, "voice.measurements.dropped"); got != want {
				t.Errorf("dropped %q, want %q", got, want)
			}
		})
	}
}

// The points of a metric sum to all tokens. Cached and reasoning tokens have other metrics.
func TestTokensAreCountedByType(t *testing.T) {
	rec := inTurn(t, func(ctx context.Context, turn *otelvoice.Turn) {
		for _, u := range []otelvoice.Usage{
			{InputTokens: 1050, OutputTokens: 400, CacheReadInputTokens: 600, CacheWriteInputTokens: 100, ReasoningOutputTokens: 300, AudioInputTokens: 300, AudioOutputTokens: 80, AudioCacheReadInputTokens: 120},
			{InputTokens: 50, OutputTokens: 10},
		} {
			_, llm := turn.StartLLM(ctx, gpt)
			llm.SetUsage(u)
			llm.End(nil)
		}
	})
	const prefix = "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=gpt-4o-mini gen_ai.token.modality="
	const suffix = " voice.stage.outcome=completed "
	for name, want := range map[string]string{
		"input_tokens":             prefix + "audio" + suffix + "300\n" + prefix + "unknown" + suffix + "800",
		"output_tokens":            prefix + "audio" + suffix + "80\n" + prefix + "unknown" + suffix + "330",
		"cache_read.input_tokens":  prefix + "audio" + suffix + "120\n" + prefix + "unknown" + suffix + "480",
		"cache_write.input_tokens": prefix + "unknown" + suffix + "100",
		"reasoning.output_tokens":  prefix + "unknown" + suffix + "300",
	} {
		if got := points(rec, "gen_ai.client.inference.usage."+name); got != want {
			t.Errorf("%s\ngot\n%s\nwant\n%s", name, got, want)
		}
	}
}

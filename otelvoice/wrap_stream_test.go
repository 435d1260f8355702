// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// sdkChunk is a chunk with the provider's JSON, like those of openai-go and anthropic-sdk-go.
type sdkChunk struct{ raw string }

func (c sdkChunk) RawJSON() string { return c.raw }

func chunksOf(raw ...string) (chunks []sdkChunk) {
	for _, r := range raw {
		chunks = append(chunks, sdkChunk{r})
	}
	return chunks
}

// Each chunk arrives 100 ms after the previous one, so that the time to first token identifies the
// chunk.
func TestFirstTokenOfProvidersChunks(t *testing.T) {
	for _, tt := range []struct {
		name   string
		chunks []string
		answer int // Which of them is the first of the answer, from 1; 0 for none.
		tokens int64
	}{
		{
			"OpenAI", []string{
				`{"choices":[{"delta":{"role":"assistant","content":"","refusal":null}}],"usage":null}`,
				`{"choices":[{"delta":{}}]}`,
				`{"choices":[{"delta":{"content":"We"}}],"usage":null}`,
				`{"choices":[{"delta":{"content":" open"}}]}`,
				`{"choices":[],"usage": {"prompt_tokens":80,"completion_tokens":4,"total_tokens":84}}`,
			}, 3, 80,
		},
		{
			"OpenAI, a tool call", []string{
				`{"choices":[{"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","function":{"name":"book","arguments":""}}]}}]}`,
				`{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]}`,
				`{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}`,
			}, 0, 0,
		},
		{
			"DeepSeek, thinking", []string{
				`{"choices":[{"delta":{"role":"assistant","content":null,"reasoning_content":"Hm"}}]}`,
				`{"choices":[{"delta":{"content":"","reasoning_content":" so"}}]}`,
				`{"choices":[{"delta":{"content":"Nine"}}]}`,
			}, 3, 0,
		},
		{
			"Mistral, parts", []string{
				`{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]}]}}]}`,
				`{"choices":[{"delta":{"content":[{"type":"text","text":"Nine"}]}}]}`,
			}, 2, 0,
		},
		{
			"OpenAI, responses", []string{
				`{"type":"response.created","response":{"id":"resp_1","usage":null}}`,
				`{"type":"response.reasoning_summary_text.delta","delta":"Hm"}`,
				`{"type":"response.function_call_arguments.delta","delta":"{"}`,
				`{"type":"response.output_text.delta","delta":""}`,
				`{"type":"response.output_text.delta","delta":"We"}`,
				`{"type":"response.completed","response":{"usage":{"input_tokens":328,"output_tokens":52}}}`,
			}, 5, 328,
		},
		{
			"Anthropic", []string{
				`{"type":"message_start","message":{"content":[],"usage":{"input_tokens":25,"cache_read_input_tokens":75,"output_tokens":1}}}`,
				`{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}`,
				`{"type":"ping"}`,
				`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}`,
				`{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{"}}`,
				`{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"We"}}`,
				`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}`,
				`{"type":"message_stop"}`,
			}, 6, 100,
		},
		{
			"Gemini", []string{
				`{"candidates":[{"content":{"parts":[{"text":"Hm","thought":true}]}}]}`,
				`{"candidates":[{"content":{"parts":[{"functionCall":{"name":"book"}}]}}]}`,
				`{"candidates":[{"content":{"parts":[{"text":"We"}]}}]}`,
				`{"usageMetadata":{"promptTokenCount":4}}`,
			}, 3, 0,
		},
		{
			"Ollama", []string{
				`{"model":"m","message":{"role":"assistant","content":"","thinking":"Hm"},"done":false}`,
				`{"model":"m","message":{"role":"assistant","content":"We"},"done":false}`,
			}, 2, 0,
		},
		{
			"chat completions, first without choices", []string{
				`{"id":"1","object":"chat.completion.chunk","choices":null}`,
				`{"id":"1","object":"chat.completion.chunk","x_groq":{"id":"req_1"}}`,
				`{"choices":null,"usage":{"prompt_tokens":80}}`,
				`{"choices":[{"delta":{"content":"We"}}]}`,
			}, 4, 80,
		},
		{"an error in the stream", []string{`{"error":{"message":"overloaded","code":529}}`}, 0, 0},
		{
			"OpenAI, realtime", []string{
				`{"type":"session.created","session":{}}`,
				`{"type":"input_audio_buffer.speech_stopped"}`,
				`{"type":"conversation.item.added","item":{}}`,
				`{"type":"response.created"}`,
				`{"type":"rate_limits.updated"}`,
				`{"type":"output_audio_buffer.started"}`,
				`{"type":"response.output_audio.delta","delta":"UklG"}`,
			}, 7, 0,
		},
		{
			"Ollama, completions", []string{
				`{"model":"m","response":"","thinking":"Hm","done":false}`,
				`{"model":"m","response":"We","done":false}`,
			}, 2, 0,
		},
		{
			"Gemini, live", []string{
				`{"setupComplete":{}}`,
				`{"serverContent":{"modelTurn":{"parts":[{"text":"Hm","thought":true}]}}}`,
				`{"toolCall":{"functionCalls":[]}}`,
				`{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm","data":"AAAA"}}]}}}`,
			}, 4, 0,
		},
		{
			"Gemini, first without candidates", []string{
				`{"promptFeedback":{}}`,
				`{"usageMetadata":{"promptTokenCount":4},"modelVersion":"gemini-3"}`,
				`{"candidates":[{"content":{"parts":[{"text":"We"}]}}]}`,
			}, 3, 0,
		},
		{"one's own, with fields of those names", []string{`{"text":"We","error":"","toolCall":null,"responseId":"1"}`}, 1, 0},
		{"of an unknown shape", []string{`{"word":"We","type":"word"}`}, 1, 0},
		{"no JSON", []string{`We`}, 1, 0},
	} {
		for form, run := range map[string]func(llm *otelvoice.LLM){
			"pulled": func(llm *otelvoice.LLM) {
				stream := otelvoice.WrapStream(llm, &pulled[sdkChunk]{chunks: chunksOf(tt.chunks...), every: 100})
				for stream.Next() {
					_ = stream.Current()
				}
			},
			"ranged over": func(llm *otelvoice.LLM) {
				drain(otelvoice.WrapStream(llm, &pulled[sdkChunk]{chunks: chunksOf(tt.chunks...), every: 100}).All())
			},
			"a sequence": func(llm *otelvoice.LLM) {
				drain(otelvoice.Stream(llm, otelvoice.WrapStream(nil, &pulled[sdkChunk]{chunks: chunksOf(tt.chunks...), every: 100}).All()))
			},
		} {
			t.Run(tt.name+", "+form, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					rec := inTurn(t, func(ctx context.Context, turn *otelvoice.Turn) {
						_, llm := turn.StartLLM(ctx, gpt)
						run(llm)
					})
					got := span(t, rec, "chat gpt-4o-mini")
					first, known := got[semconv.VoiceLLMTimeToFirstTokenKey]
					if known != (tt.answer > 0) || known && first.AsFloat64() != float64(tt.answer)/10 {
						t.Errorf("time to first token %v, want that of chunk %d", first.AsInterface(), tt.answer)
					}
					if c := got[semconv.GenAIResponseTimeToFirstChunkKey].AsFloat64(); c != .1 {
						t.Errorf("time to first chunk %v", c)
					}
					if n := got[semconv.VoiceLLMChunkCountKey].AsInt64(); n != int64(len(tt.chunks)) {
						t.Errorf("%d chunks, want %d", n, len(tt.chunks))
					}
					if n := got[semconv.GenAIUsageInputTokensKey].AsInt64(); n != tt.tokens {
						t.Errorf("%d input tokens, want %d", n, tt.tokens)
					}
					if n := points(rec, "voice.llm.time_to_first_token"); (n != "") != (tt.answer > 0) {
						t.Errorf("metric %q", n)
					}
				})
			})
		}
	}
}

// ownDelta is a chunk of a program's own.
type ownDelta struct {
	Text, Thought string
	Tokens        int
}

func TestStreamOptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := inTurn(t, func(ctx context.Context, turn *otelvoice.Turn) {
			_, llm := turn.StartLLM(ctx, gpt)
			stream := &pulled[*ownDelta]{every: 100, chunks: []*ownDelta{nil, {}, {Thought: "Hm"}, {Text: "We"}, {Tokens: 7}}}
			drain(otelvoice.WrapStream(llm, stream,
				otelvoice.WithAnswer(func(d *ownDelta) bool { return d.Text != "" }), // Panics on nil.
				otelvoice.WithUsage(func(d *ownDelta) otelvoice.Usage { return otelvoice.Usage{OutputTokens: d.Tokens} }), nil).All())
		})
		got := span(t, rec, "chat gpt-4o-mini")
		if f := got[semconv.VoiceLLMTimeToFirstTokenKey].AsFloat64(); f != .4 {
			t.Errorf("time to first token %v, want 0.4", f)
		}
		if n := got[semconv.GenAIUsageOutputTokensKey].AsInt64(); n != 7 {
			t.Errorf("%d tokens, want 7", n)
		}
		if got := points(rec, "voice.telemetry.panics"); got != "1" {
			t.Errorf("%s panics were recovered, want 1", got)
		}
	})
}

func TestWrappedStreamEnds(t *testing.T) {
	errCut := errors.New("connection reset")
	for _, tt := range []struct {
		name string
		err  error
		use  func(w *otelvoice.WrappedStream[string])
		want string
	}{
		{"drained", nil, func(w *otelvoice.WrappedStream[string]) { drain(w.All()) }, "completed"},
		{"drained and closed", nil, func(w *otelvoice.WrappedStream[string]) { drain(w.All()); _ = w.Close() }, "completed"},
		{"failed", errCut, func(w *otelvoice.WrappedStream[string]) { drain(w.All()) }, "failed"},
		{"closed before the end", nil, func(w *otelvoice.WrappedStream[string]) { w.Next(); _ = w.Close() }, "abandoned"},
		{"left by a break", nil, func(w *otelvoice.WrappedStream[string]) {
			for _, err := range w.All() {
				_ = err
				break
			}
		}, "abandoned"},
		{"never read", nil, func(*otelvoice.WrappedStream[string]) {}, "abandoned"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := inTurn(t, func(ctx context.Context, turn *otelvoice.Turn) {
					_, llm := turn.StartLLM(ctx, gpt)
					tt.use(otelvoice.WrapStream(llm, &pulled[string]{chunks: []string{"a", "", "b"}, every: 10, err: tt.err}))
				})
				if got := span(t, rec, "chat gpt-4o-mini")[semconv.VoiceStageOutcomeKey].AsString(); got != tt.want {
					t.Errorf("outcome %s, want %s", got, tt.want)
				}
			})
		})
	}
	var none *otelvoice.WrappedStream[string]
	if none.Next() || none.Current() != "" || none.Err() != nil || none.Close() != nil {
		t.Error("a nil stream has something")
	}
	plain := &pulled[string]{chunks: []string{"a"}}
	w := otelvoice.WrapStream(nil, plain)
	if !w.Next() || w.Current() != "a" || w.Next() || w.Close() != nil || !plain.closed {
		t.Error("without a stage the stream is not passed on")
	}
}

func ExampleWrapStream() {
	ctx := context.Background()
	rec := voicetest.NewRecorder()
	tel, err := voicesdk.Setup(ctx, append(rec.Options(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(ctx) }()
	ctx, session := tel.StartSession(ctx)
	ctx, turn := session.StartTurn(ctx)
	_, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-4.1-mini"})

	// The type that client.Chat.Completions.NewStreaming returns.
	var sdk otelvoice.ChunkStream[json.RawMessage] = &pulled[json.RawMessage]{chunks: []json.RawMessage{
		json.RawMessage(`{"choices":[{"delta":{"role":"assistant","content":""}}]}`),
		json.RawMessage(`{"choices":[{"delta":{"content":"We open at nine."}}]}`),
	}}
	stream := otelvoice.WrapStream(llm, sdk)
	for stream.Next() {
		_ = stream.Current() // Speak it.
	}
	turn.End()
	session.End()
	record := turn.Stages()[0]
	chunks, _ := record.Float(semconv.VoiceLLMChunkCountKey)
	_, answered := record.Float(semconv.VoiceLLMTimeToFirstTokenKey)
	fmt.Println(record.Outcome, chunks, answered, stream.Err())
	// Output: completed 2 true <nil>
}

func ExampleUsageAnthropic() {
	// The prompt has 4096 tokens: 1800 were read from the cache, 248 written to it.
	u := otelvoice.UsageAnthropic(`{"input_tokens":2048,"cache_read_input_tokens":1800,"cache_creation_input_tokens":248,"output_tokens":503}`)
	fmt.Println(u.InputTokens, u.CacheReadInputTokens, u.CacheWriteInputTokens, u.OutputTokens)
	// Output: 4096 1800 248 503
}

func ExampleUsageOpenAI() {
	u := otelvoice.UsageOpenAI(`{"prompt_tokens":2006,"completion_tokens":300,"prompt_tokens_details":{"cached_tokens":1920}}`)
	fmt.Println(u.InputTokens, u.CacheReadInputTokens, u.OutputTokens)
	// Output: 2006 1920 300
}

func ExampleUsageGemini() {
	u := otelvoice.UsageGemini(`{"promptTokenCount":10,"candidatesTokenCount":40,"thoughtsTokenCount":60,"totalTokenCount":110}`)
	fmt.Println(u.InputTokens, u.OutputTokens, u.ReasoningOutputTokens)
	// Output: 10 100 60
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// chatStream is the answer of a model that speaks like OpenAI's.
const chatStream = `data: {"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"content":"At eight"},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"content":"?"},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}

data: {"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choices":[],"usage":{"prompt_tokens":58,"completion_tokens":3,"total_tokens":61}}

data: [DONE]

`

const chatQuestion = `{"model":"gpt-4o-mini","stream":true,"temperature":0.3,"messages":[{"role":"user","content":"A table, please."}]}`

// newProvider serves chat completions.
func newProvider(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("X-Request-Id", "req_1")
		_, _ = io.WriteString(w, chatStream)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/v1/chat/completions"
}

// chat sends a question and reads the answer.
func chat(ctx context.Context, t *testing.T, client *http.Client, url string) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(chatQuestion))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || string(body) != chatStream {
		t.Fatalf("%v, or another answer:\n%s", err, body)
	}
}

func TestRequestBecomesStage(t *testing.T) {
	url := newProvider(t)
	for _, tt := range []struct {
		name   string
		run    func(t *testing.T, tel *otelvoice.Telemetry)
		parent string // Of the stage; "" if it has none.
		inTurn bool
	}{
		{name: "in a turn", parent: semconv.SpanVoiceTurn, inTurn: true, run: func(t *testing.T, tel *otelvoice.Telemetry) {
			t.Helper()
			ctx, session := tel.StartSession(t.Context())
			defer session.End()
			ctx, turn := session.StartTurn(ctx)
			defer turn.End()
			chat(ctx, t, &http.Client{Transport: voicehttp.Transport(tel, nil)}, url)
		}},
		{name: "in a session with an open turn", parent: semconv.SpanVoiceTurn, inTurn: true, run: func(t *testing.T, tel *otelvoice.Telemetry) {
			t.Helper()
			ctx, session := tel.StartSession(t.Context())
			defer session.End()
			_, turn := session.StartTurn(ctx)
			defer turn.End()
			chat(ctx, t, &http.Client{Transport: voicehttp.Transport(tel, nil)}, url)
		}},
		{name: "by the session's client, without a context", parent: semconv.SpanVoiceTurn, inTurn: true, run: func(t *testing.T, tel *otelvoice.Telemetry) {
			t.Helper()
			ctx, session := tel.StartSession(t.Context())
			defer session.End()
			_, turn := session.StartTurn(ctx)
			defer turn.End()
			chat(context.Background(), t, voicehttp.Client(session, nil), url)
		}},
		{name: "in a session without a turn", parent: semconv.SpanVoiceSession, run: func(t *testing.T, tel *otelvoice.Telemetry) {
			t.Helper()
			ctx, session := tel.StartSession(t.Context())
			defer session.End()
			chat(ctx, t, &http.Client{Transport: voicehttp.Transport(tel, nil)}, url)
		}},
		{name: "outside of a session", run: func(t *testing.T, tel *otelvoice.Telemetry) {
			t.Helper()
			chat(t.Context(), t, &http.Client{Transport: voicehttp.Transport(tel, nil)}, url)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			tt.run(t, tel.Telemetry)
			stages := rec.Named("chat gpt-4o-mini")
			if len(stages) != 1 {
				t.Fatalf("%d stages, want 1\n%s", len(stages), rec.Timeline())
			}
			stage := stages[0]
			parent := ""
			for _, s := range rec.Spans() {
				if s.SpanContext().SpanID() == stage.Parent().SpanID() {
					parent = s.Name()
				}
			}
			if parent != tt.parent {
				t.Errorf("the parent is %q, want %q", parent, tt.parent)
			}
			got := attribute.NewSet(stage.Attributes()...)
			for _, want := range []attribute.KeyValue{
				semconv.GenAIProviderName("openai"),
				semconv.GenAIRequestModel("gpt-4o-mini"),
				semconv.GenAIResponseModel("gpt-4o-mini-2024-07-18"),
				semconv.GenAIResponseID("chatcmpl-1"),
				semconv.GenAIResponseFinishReasons("stop"),
				semconv.GenAIRequestTemperature(0.3),
				semconv.GenAIRequestStream(true),
				semconv.GenAIUsageInputTokens(58),
				semconv.GenAIUsageOutputTokens(3),
				semconv.VoiceProviderRequestIDs("req_1"),
				semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeCompleted),
			} {
				if value, ok := got.Value(want.Key); !ok || value != want.Value {
					t.Errorf("%s is %s, want %s", want.Key, value.String(), want.Value.String())
				}
			}
			for _, key := range []attribute.Key{semconv.VoiceLLMTimeToFirstTokenKey, semconv.GenAIResponseTimeToFirstChunkKey, semconv.VoiceProviderConnectionReusedKey} {
				if !got.HasValue(key) {
					t.Errorf("there is no %s", key)
				}
			}
			if got.HasValue(semconv.VoiceTurnIDKey) != tt.inTurn {
				t.Errorf("a turn's id: %v, want %v", !tt.inTurn, tt.inTurn)
			}
			voicetest.Check(t, rec)
			_, isVoice := rec.Metric(semconv.MetricVoiceStageDuration().Name)
			_, isGenAI := rec.Metric(semconv.MetricGenAIClientInferenceDuration().Name)
			if isVoice != tt.inTurn || !isGenAI {
				t.Errorf("metrics of voice: %v, want %v; of GenAI: %v", isVoice, tt.inTurn, isGenAI)
			}
			if _, ok := rec.Metric(semconv.MetricVoiceProviderNotUnderstood().Name); ok {
				t.Error("something was not understood")
			}
		})
	}
}

// chunked is a body whose reads return a chunk each.
type chunked struct {
	chunk []byte
	left  int
}

func (c *chunked) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	c.left--
	return copy(p, c.chunk), nil
}

func (*chunked) Close() error { return nil }

// streamedChunk is a chunk of a streamed answer, as OpenAI sends it.
const streamedChunk = `data: {"id":"chatcmpl-B1aLq0x","object":"chat.completion.chunk","created":1764358000,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_560af6e559","choices":[{"index":0,"delta":{"content":" table"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"kUa2dQ"}` + "\n\n"

// streamed returns a transport that answers with a stream of chunks.
func streamed(chunks int) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: &chunked{[]byte(streamedChunk), chunks}, Request: r}, nil
	}
}

// readAnswer asks for a streamed answer and reads it to its end.
func readAnswer(ctx context.Context, tb testing.TB, transport http.RoundTripper, buf []byte) {
	tb.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.openai.com/v1/chat/completions", strings.NewReader(chatQuestion))
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := transport.RoundTrip(r)
	if err != nil {
		tb.Fatal(err)
	}
	for err == nil {
		_, err = res.Body.Read(buf)
	}
	_ = res.Body.Close()
}

func BenchmarkStreamedAnswer(b *testing.B) {
	tel, _ := voicetest.Setup(b)
	ctx, session := tel.StartSession(b.Context())
	defer session.End()
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()
	transport := voicehttp.Transport(tel.Telemetry, streamed(500))
	buf := make([]byte, 4096)
	b.ReportAllocs()
	for b.Loop() {
		readAnswer(ctx, b, transport, buf)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A name that is misspelt is reported where OpenTelemetry reports its errors.
func TestUnknownVendor(t *testing.T) {
	var got error
	before := otel.GetErrorHandler()
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { got = err }))
	defer otel.SetErrorHandler(before)
	tel, _ := voicetest.Setup(t)
	voicehttp.Transport(tel.Telemetry, nil, voicehttp.WithVendor("llm.internal", "opanai"))
	if got == nil || !strings.Contains(got.Error(), `WithVendor("llm.internal", "opanai")`) {
		t.Errorf("the error is %v", got)
	}
}

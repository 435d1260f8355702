// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

const chatError = `{"error":{"message":"Slow down, please.","type":"requests","param":null,"code":"rate_limit_exceeded"}}`

// answer is what a provider answers.
type answer struct {
	status int
	header map[string]string
	body   string
	// hangs is true if the server sends no end.
	hangs bool
}

func (a answer) serve(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for key, value := range a.header {
			w.Header().Set(key, value)
		}
		w.WriteHeader(max(a.status, http.StatusOK))
		_, _ = io.WriteString(w, a.body)
		if a.hangs {
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}
	}))
	t.Cleanup(s.Close)
	return s.URL + "/v1/chat/completions"
}

var asEvents = map[string]string{"Content-Type": "text/event-stream"}

func TestOutcomeOfRequest(t *testing.T) {
	firstTwo := strings.Join(strings.SplitAfter(chatStream, "\n\n")[:2], "")
	readAll := func(res *http.Response, _ context.CancelCauseFunc) {
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
	readLine := func(res *http.Response) { _, _ = bufio.NewReader(res.Body).ReadString('\n') }
	for _, tt := range []struct {
		name    string
		answer  answer
		read    func(res *http.Response, cancel context.CancelCauseFunc)
		outcome string
		kind    string // error.type
		unread  string // What is not understood.
		want    []attribute.KeyValue
	}{
		{
			name: "an error", answer: answer{status: 429, header: map[string]string{"Content-Type": "application/json", "Retry-After": "2", "X-Ratelimit-Remaining-Requests": "0"}, body: chatError},
			outcome: "failed", kind: "429", want: []attribute.KeyValue{semconv.VoiceProviderRetryAfter(2), semconv.VoiceProviderRateLimitRemainingRequests(0)},
		},
		{name: "an HTML page", answer: answer{status: 502, header: map[string]string{"Content-Type": "text/html"}, body: "<html>Bad gateway</html>"}, outcome: "failed", kind: "502", unread: "content"},
		{name: "an error without a body", answer: answer{status: 503}, outcome: "failed", kind: "503"},
		{name: "an error in a stream", answer: answer{header: asEvents, body: firstTwo + "data: " + chatError + "\n\n"}, outcome: "failed", kind: "rate_limit_exceeded"},
		{name: "an error with status 200", answer: answer{header: map[string]string{"Content-Type": "application/json"}, body: chatError}, outcome: "failed", kind: "rate_limit_exceeded"},
		{name: "compressed", answer: answer{header: map[string]string{"Content-Type": "application/json", "Content-Encoding": "br"}, body: "\x1b\x03"}, outcome: "completed", unread: "encoding"},
		{name: "no JSON", answer: answer{header: map[string]string{"Content-Type": "application/json"}, body: "{]"}, outcome: "completed", unread: "json"},
		{name: "a broken event", answer: answer{header: asEvents, body: "data: {]\n\n" + chatStream}, outcome: "completed", unread: "event", want: []attribute.KeyValue{semconv.GenAIUsageInputTokens(58)}},
		{
			name: "a barge-in", answer: answer{header: asEvents, body: firstTwo, hangs: true}, outcome: "interrupted",
			read: func(res *http.Response, cancel context.CancelCauseFunc) {
				readLine(res)
				cancel(otelvoice.ErrInterrupted)
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			},
		},
		{
			name: "canceled", answer: answer{header: asEvents, body: firstTwo, hangs: true}, outcome: "abandoned",
			read: func(res *http.Response, cancel context.CancelCauseFunc) {
				readLine(res)
				cancel(nil)
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			},
		},
		{
			name: "closed in the middle", answer: answer{header: asEvents, body: firstTwo, hangs: true}, outcome: "abandoned",
			read: func(res *http.Response, _ context.CancelCauseFunc) { readLine(res); _ = res.Body.Close() },
		},
		{
			name: "never closed", answer: answer{header: asEvents, body: firstTwo, hangs: true}, outcome: "abandoned",
			read: func(res *http.Response, _ context.CancelCauseFunc) { readLine(res) },
		},
		{
			name: "read up to [DONE] and not closed", answer: answer{header: asEvents, body: chatStream, hangs: true}, outcome: "completed",
			read: func(res *http.Response, _ context.CancelCauseFunc) {
				_, _ = io.ReadFull(res.Body, make([]byte, len(chatStream)))
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			url := tt.answer.serve(t)
			ctx, session := tel.StartSession(t.Context())
			ctx, turn := session.StartTurn(ctx)
			work, cancel := context.WithCancelCause(ctx)
			req, err := http.NewRequestWithContext(work, http.MethodPost, url, strings.NewReader(chatQuestion))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			res, err := (&http.Client{Transport: voicehttp.Transport(tel.Telemetry, nil)}).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if tt.read == nil {
				tt.read = readAll
			}
			tt.read(res, cancel)
			turn.End()
			session.End()
			cancel(nil)
			_ = res.Body.Close()

			stages := rec.Named("chat gpt-4o-mini")
			if len(stages) != 1 {
				t.Fatalf("%d stages, want 1\n%s", len(stages), rec.Timeline())
			}
			got := attribute.NewSet(stages[0].Attributes()...)
			want := append(slices.Clip(tt.want), semconv.VoiceStageOutcome(tt.outcome))
			if tt.kind != "" {
				want = append(want, semconv.ErrorType(tt.kind))
			}
			for _, want := range want {
				if value, ok := got.Value(want.Key); !ok || value != want.Value {
					t.Errorf("%s is %s, want %s", want.Key, value.String(), want.Value.String())
				}
			}
			if tt.kind == "" && got.HasValue(semconv.ErrorTypeKey) {
				t.Error("there is an error.type")
			}
			_, counted := rec.Metric(semconv.MetricVoiceProviderNotUnderstood().Name)
			if counted != (tt.unread != "") {
				t.Errorf("not understood: %v, want %q", counted, tt.unread)
			}
			voicetest.Check(t, rec)
		})
	}
}

// An attempt of an SDK is a stage of its own.
func TestAttempts(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	defer session.End()
	ctx, turn := session.StartTurn(ctx)
	failures := 2
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		failures--
		if failures >= 0 {
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, chatStream)
	}))
	defer s.Close()
	client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, nil)}
	for range 3 {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/v1/chat/completions", strings.NewReader(chatQuestion))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
	turn.End()
	var attempts []int64
	for _, stage := range rec.Named("chat gpt-4o-mini") {
		set := attribute.NewSet(stage.Attributes()...)
		n, _ := set.Value(semconv.VoiceStageAttemptKey)
		attempts = append(attempts, n.AsInt64())
	}
	if len(attempts) != 3 || attempts[0] != 0 || attempts[1] != 2 || attempts[2] != 3 {
		t.Errorf("attempts %v, want none, 2 and 3", attempts)
	}
	if outcome, _ := turn.Outcome(); outcome == otelvoice.Failed {
		t.Error("the turn failed although the last attempt succeeded")
	}
}

// What the program sets on its own stage wins, and the transport fills in the rest.
func TestTransportFillsTheProgramsStage(t *testing.T) {
	for _, passes := range []bool{true, false} {
		tel, rec := voicetest.Setup(t)
		url := newProvider(t)
		ctx, session := tel.StartSession(t.Context())
		ctx, turn := session.StartTurn(ctx)
		work, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "mine", Name: "best"})
		if !passes {
			work = ctx // The program does not pass the stage's context.
		}
		chat(work, t, &http.Client{Transport: voicehttp.Transport(tel.Telemetry, nil)}, url)
		llm.SetResponse("my-id", "")
		llm.SetUsage(otelvoice.Usage{InputTokens: 99})
		llm.End(nil)
		turn.End()
		session.End()
		stages := rec.Named("chat best")
		if len(stages) != 1 || len(rec.Named("chat gpt-4o-mini")) != 0 {
			t.Fatalf("%d stages, want 1\n%s", len(stages), rec.Timeline())
		}
		got := attribute.NewSet(stages[0].Attributes()...)
		for _, want := range []attribute.KeyValue{
			semconv.GenAIProviderName("mine"), semconv.GenAIRequestModel("best"), semconv.GenAIResponseID("my-id"),
			semconv.GenAIUsageInputTokens(99), semconv.GenAIUsageOutputTokens(3),
			semconv.GenAIResponseModel("gpt-4o-mini-2024-07-18"), semconv.GenAIResponseFinishReasons("stop"), semconv.VoiceLLMChunkCount(5),
		} {
			if value, ok := got.Value(want.Key); !ok || value != want.Value {
				t.Errorf("%s is %s, want %s", want.Key, value.String(), want.Value.String())
			}
		}
		if http := rec.Named("POST"); len(http) != 1 || http[0].Parent().SpanID() != stages[0].SpanContext().SpanID() {
			t.Error("the HTTP span is no child of the stage")
		}
		voicetest.Check(t, rec)
	}
}

// Content is recorded only if that is asked for.
func TestContentOfRequest(t *testing.T) {
	for _, isOn := range []bool{false, true} {
		var opts []voicesdk.Option
		if isOn {
			opts = append(opts, voicesdk.WithInstrumentation(otelvoice.WithContentCapture()))
		}
		tel, rec := voicetest.Setup(t, opts...)
		url := newProvider(t)
		ctx, session := tel.StartSession(t.Context())
		ctx, turn := session.StartTurn(ctx)
		chat(ctx, t, &http.Client{Transport: voicehttp.Transport(tel.Telemetry, nil)}, url)
		turn.End()
		session.End()
		got := attribute.NewSet(rec.Named("chat gpt-4o-mini")[0].Attributes()...)
		for _, want := range []attribute.KeyValue{
			semconv.GenAIInputMessages(`[{"role":"user","parts":[{"type":"text","content":"A table, please."}]}]`),
			semconv.GenAIOutputMessages(`[{"role":"assistant","parts":[{"type":"text","content":"At eight?"}],"finish_reason":"stop"}]`),
			semconv.VoiceLLMReply("At eight?"),
		} {
			value, ok := got.Value(want.Key)
			if ok != isOn || isOn && value != want.Value {
				t.Errorf("content %v: %s is %s, want %s", isOn, want.Key, value.String(), want.Value.String())
			}
		}
		if !isOn {
			voicetest.NoSecrets(t, rec, "A table", "At eight")
		}
		voicetest.Check(t, rec)
	}
}

// The message of a provider's error may quote the user, and is content.
func TestMessageOfError(t *testing.T) {
	const message = "Slow down, please."
	for _, isOn := range []bool{false, true} {
		var opts []voicesdk.Option
		if isOn {
			opts = append(opts, voicesdk.WithInstrumentation(otelvoice.WithContentCapture()))
		}
		tel, rec := voicetest.Setup(t, opts...)
		url := answer{status: 429, header: map[string]string{"Content-Type": "application/json"}, body: chatError}.serve(t)
		ctx, session := tel.StartSession(t.Context())
		ctx, turn := session.StartTurn(ctx)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(chatQuestion))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := (&http.Client{Transport: voicehttp.Transport(tel.Telemetry, nil)}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		turn.End()
		session.End()
		status := rec.Named("chat gpt-4o-mini")[0].Status().Description
		if !strings.HasPrefix(status, "429 Too Many Requests: rate_limit_exceeded") || strings.Contains(status, message) != isOn {
			t.Errorf("content %v: the status is %q", isOn, status)
		}
		if !isOn {
			voicetest.NoSecrets(t, rec, message)
		}
	}
}

// A stream of a server that sends no content type is decoded, whoever the provider is.
func TestStreamWithoutContentType(t *testing.T) {
	const stream = `event: message_start
data: {"type":"message_start","message":{"id":"msg_1","model":"claude-haiku-4-5","usage":{"input_tokens":7,"output_tokens":1}}}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":4}}

event: message_stop
data: {"type":"message_stop"}

`
	tel, rec := voicetest.Setup(t)
	transport := voicehttp.Transport(tel.Telemetry, roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(stream)), Request: r}, nil
	}))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.anthropic.com/v1/messages", strings.NewReader(`{"model":"claude-haiku-4-5","stream":true,"messages":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	got := attribute.NewSet(rec.Named("chat claude-haiku-4-5")[0].Attributes()...)
	for _, want := range []attribute.KeyValue{semconv.GenAIUsageInputTokens(7), semconv.GenAIUsageOutputTokens(4), semconv.VoiceLLMChunkCount(3)} {
		if value, ok := got.Value(want.Key); !ok || value != want.Value {
			t.Errorf("%s is %s, want %s", want.Key, value.String(), want.Value.String())
		}
	}
}

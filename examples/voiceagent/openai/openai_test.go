// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/examples/voiceagent/openai"
	"github.com/voice-agents/telemetry/examples/voiceagent/provider"
	"github.com/voice-agents/telemetry/testdata/speech"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newClient(t *testing.T, baseURL string) *openai.Client {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	return &openai.Client{BaseURL: baseURL, Key: "any", HTTP: client}
}

func serve(t *testing.T, opts provider.Options) *openai.Client {
	t.Helper()
	script, err := provider.ReadScript(speech.Files())
	if err != nil {
		t.Fatal(err)
	}
	opts.Script, opts.Speed = script, 1000
	vendor, err := provider.Serve(t.Context(), &opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = vendor.Close() })
	return newClient(t, vendor.BaseURL())
}

func transcribe(ctx context.Context, client *openai.Client, file string) (openai.Transcription, error) {
	return transcribeBy(ctx, client, "whisper-1", file)
}

func transcribeBy(ctx context.Context, client *openai.Client, model, file string) (openai.Transcription, error) {
	wav, err := speech.Files().Open(file)
	if err != nil {
		return openai.Transcription{}, err
	}
	defer func() { _ = wav.Close() }()
	return client.Transcribe(ctx, openai.TranscriptionRequest{Model: model, Language: "en", WAV: wav})
}

func TestTranscribe(t *testing.T) {
	client := serve(t, provider.Options{})
	got, err := transcribe(t.Context(), client, "name_morgan.wav")
	if err != nil {
		t.Fatal(err)
	}
	if want := "The name is Morgan."; got.Text != want {
		t.Errorf("got %q, want %q", got.Text, want)
	}
	if confidence, ok := got.Confidence(); !ok || confidence <= 0 || confidence > 1 {
		t.Errorf("confidence of %v, %v", confidence, ok)
	}
	if got, err := transcribeBy(t.Context(), client, "gpt-4o-transcribe", "name_morgan.wav"); err != nil || got.Text != "The name is Morgan." {
		t.Errorf("got %q, %v", got.Text, err)
	} else if confidence, ok := got.Confidence(); !ok || confidence <= 0 || confidence > 1 {
		t.Errorf("confidence of %v, %v", confidence, ok)
	}
	if confidence, ok := (openai.Transcription{Text: "well"}).Confidence(); ok {
		t.Errorf("confidence of %v without tokens", confidence)
	}
}

func TestChatAnswersAndCallsTools(t *testing.T) {
	client := serve(t, provider.Options{})
	ask := func(text string) (answer, finish string, calls []openai.ToolCall, usage *openai.Usage) {
		t.Helper()
		for chunk, err := range client.Chat(t.Context(), openai.ChatRequest{
			Model:    "gpt-4o-mini",
			Messages: []openai.Message{{Role: "user", Content: text}},
			Tools: []openai.Tool{{Type: "function", Function: openai.Function{
				Name: "check_availability", Parameters: []byte(`{"type": "object"}`),
			}}},
		}) {
			if err != nil {
				t.Fatal(err)
			}
			answer += chunk.Text
			calls = openai.AppendDeltas(calls, chunk.ToolCalls)
			if chunk.FinishReason != "" {
				finish = chunk.FinishReason
			}
			if chunk.Usage != nil {
				usage = chunk.Usage
			}
		}
		return answer, finish, calls, usage
	}

	answer, finish, calls, usage := ask("Is there parking?")
	if answer == "" || finish != "stop" || len(calls) != 0 || usage == nil || usage.CompletionTokens == 0 {
		t.Errorf("got %q, finish %q, calls %v, usage %v", answer, finish, calls, usage)
	}
	answer, finish, calls, _ = ask("A table for four tomorrow at seven")
	const want = `{"date":"tomorrow","time":"19:00","party_size":4}`
	if answer != "" || finish != "tool_calls" || len(calls) != 1 || calls[0].ID == "" || calls[0].Function.Arguments != want {
		t.Errorf("got %q, finish %q, calls %+v, want one with %s", answer, finish, calls, want)
	}
}

func TestAppendDeltasIgnoresOtherParts(t *testing.T) {
	for _, index := range []int{-1, 1, 1 << 40} {
		if calls := openai.AppendDeltas(nil, []openai.ToolCallDelta{{Index: index}}); len(calls) != 0 {
			t.Errorf("index %d: got %v", index, calls)
		}
	}
}

func TestSpeechHasWholeSamples(t *testing.T) {
	client := serve(t, provider.Options{})
	chunks, size := 0, 0
	for chunk, err := range client.Speech(t.Context(), openai.SpeechRequest{Model: "tts-1", Voice: "alloy", Input: "Good evening."}) {
		if err != nil {
			t.Fatal(err)
		}
		if len(chunk) == 0 || len(chunk)%2 != 0 {
			t.Errorf("chunk of %d bytes", len(chunk))
		}
		chunks, size = chunks+1, size+len(chunk)
	}
	if chunks < 2 || size < 24000 {
		t.Errorf("%d chunks of %d bytes for 13 characters", chunks, size)
	}
}

func TestRefusalIsAnError(t *testing.T) {
	for _, test := range []struct {
		status    int
		code      string
		temporary bool
	}{
		{http.StatusTooManyRequests, "rate_limit_exceeded", true},
		{http.StatusServiceUnavailable, "service_unavailable", true},
		{http.StatusInternalServerError, "500", true},
		{http.StatusBadRequest, "400", false},
	} {
		t.Run(http.StatusText(test.status), func(t *testing.T) {
			client := serve(t, provider.Options{Faults: []provider.Fault{{Status: test.status, Times: 3}}})
			var errs []error
			_, err := transcribe(t.Context(), client, "goodbye.wav")
			errs = append(errs, err)
			for _, err := range client.Chat(t.Context(), openai.ChatRequest{Model: "m", Messages: []openai.Message{{Role: "user"}}}) {
				errs = append(errs, err)
			}
			for _, err := range client.Speech(t.Context(), openai.SpeechRequest{Model: "m", Voice: "v", Input: "i"}) {
				errs = append(errs, err)
			}
			if len(errs) != 3 {
				t.Fatalf("got %d errors, want one from each endpoint: %v", len(errs), errs)
			}
			for _, err := range errs {
				refused, ok := errors.AsType[*openai.Error](err)
				if !ok || refused.Status != test.status || refused.ErrorType() != test.code || refused.Temporary() != test.temporary {
					t.Errorf("got %v (%+v), want status %d, code %s", err, refused, test.status, test.code)
				}
			}
		})
	}
}

func TestRefusalWithoutJSON(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, strings.Repeat("<html>", 1<<16))
	}))
	defer server.Close()
	_, err := transcribe(t.Context(), newClient(t, server.URL), "goodbye.wav")
	if want := "openai: 502 Bad Gateway"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestIncompleteAnswerIsAnError(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/chat/completions") {
			// The HTTP body is complete, but the answer is not.
			fmt.Fprintf(w, "data: %s\n\n", `{"choices": [{"delta": {"content": "Good"}}]}`)
			return
		}
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write(make([]byte, 51))
	}))
	defer server.Close()
	client := newClient(t, server.URL)

	var said string
	var last error
	for chunk, err := range client.Chat(t.Context(), openai.ChatRequest{}) {
		said, last = said+chunk.Text, err
	}
	if said != "Good" || !errors.Is(last, io.ErrUnexpectedEOF) {
		t.Errorf("chat: got %q and %v, want Good and %v", said, last, io.ErrUnexpectedEOF)
	}
	size := 0
	for chunk, err := range client.Speech(t.Context(), openai.SpeechRequest{}) {
		size, last = size+len(chunk), err
	}
	if size != 50 || !errors.Is(last, io.ErrUnexpectedEOF) {
		t.Errorf("speech: got %d bytes and %v, want 50 and %v", size, last, io.ErrUnexpectedEOF)
	}
}

func TestCancelledRequest(t *testing.T) {
	client := serve(t, provider.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := transcribe(ctx, client, "goodbye.wav"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

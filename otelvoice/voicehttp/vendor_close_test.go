// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// outcomes returns the outcomes of the stages.
func outcomes(rec *voicetest.Recorder) (all []string) {
	for _, span := range rec.Spans() {
		set := attribute.NewSet(span.Attributes()...)
		if outcome, ok := set.Value(semconv.VoiceStageOutcomeKey); ok {
			all = append(all, outcome.AsString())
		}
	}
	return all
}

// A program that decodes one JSON document and closes the body before its end has the whole answer.
func TestDocumentThatIsClosed(t *testing.T) {
	for _, tt := range []struct{ name, url, request, response, contentType, want string }{
		{"a transcript that is queued", "https://api.assemblyai.com/v2/transcript", `{"audio_url":"x"}`, `{"id":"5","status":"queued"}`, "application/json", "completed"},
		{"a transcript that goes to a callback", "https://api.deepgram.com/v1/listen?callback=x", `{"url":"x"}`, `{"request_id":"x"}`, "application/json", "completed"},
		{"an answer without a reason to end", chatURL, `{"model":"m"}`, `{"model":"m","choices":[{"message":{"content":"Yes."}}]}`, "application/json", "completed"},
		{"an answer of Ollama", "http://localhost:11434/api/chat", `{"model":"m","stream":false}`, `{"model":"m","message":{"content":"Yes."}}`, "application/json", "completed"},
		{"the first document of a stream", "http://localhost:11434/api/chat", `{"model":"m"}`, `{"model":"m","message":{"content":"Yes."},"done":false}`, "application/x-ndjson", "abandoned"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			ctx, session := tel.StartSession(t.Context())
			ctx, turn := session.StartTurn(ctx)
			body := tt.response + strings.Repeat("\n", 4096) // The decoder does not see the end.
			res := post(ctx, t, voicehttp.Transport(tel.Telemetry, answers(http.StatusOK, tt.contentType, body)), tt.url, "application/json", tt.request)
			var document any
			if err := json.NewDecoder(res.Body).Decode(&document); err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			turn.End()
			session.End()
			if got := outcomes(rec); len(got) != 1 || got[0] != tt.want {
				t.Errorf("outcomes %v, want %s", got, tt.want)
			}
			voicetest.Check(t, rec)
		})
	}
}

// The stage of a request that was redirected has no answer.
func TestRedirectOfRequest(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old/v1/chat/completions" {
			http.Redirect(w, r, "/v1/chat/completions", http.StatusTemporaryRedirect)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, chatStream)
	}))
	defer s.Close()
	ctx, session := tel.StartSession(t.Context())
	ctx, turn := session.StartTurn(ctx)
	chat(ctx, t, &http.Client{Transport: voicehttp.Transport(tel.Telemetry, nil)}, s.URL+"/old/v1/chat/completions")
	turn.End()
	session.End()
	if got := outcomes(rec); len(got) != 2 || got[0] != "abandoned" || got[1] != "completed" {
		t.Errorf("outcomes %v, want abandoned and completed", got)
	}
	if outcome, _ := turn.Outcome(); outcome != otelvoice.Completed {
		t.Errorf("the turn is %s", outcome)
	}
	voicetest.Check(t, rec)
}

// A defective is a body whose reads return a wrong count.
type defective int

func (d defective) Read([]byte) (int, error) { return int(d), nil }
func (d defective) Close() error             { return nil }

// Defective bodies fail as they do without the transport, which reads GetBody's before it sends.
func TestDefectiveBodies(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	base := roundTripper(func(r *http.Request) (*http.Response, error) {
		if n, _ := r.Body.Read(make([]byte, 4)); n == 500 {
			return nil, errors.New("invalid read")
		}
		return &http.Response{StatusCode: http.StatusOK, Body: defective(500)}, nil
	})
	transport := voicehttp.Transport(tel.Telemetry, base)
	for name, getBody := range map[string]func() (io.ReadCloser, error){
		"panics":       func() (io.ReadCloser, error) { panic("defective") },
		"fails":        func() (io.ReadCloser, error) { return nil, errors.New("defective") },
		"returns none": func() (io.ReadCloser, error) { return nil, nil }, //nolint:nilnil // It is defective.
		"is too long":  func() (io.ReadCloser, error) { return defective(1 << 20), nil },
		"is negative":  func() (io.ReadCloser, error) { return defective(-1), nil },
		"is empty":     func() (io.ReadCloser, error) { return http.NoBody, nil },
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, chatURL, strings.NewReader(chatQuestion))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.GetBody = getBody
		res, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatalf("GetBody %s: %v", name, err)
		}
		if n, _ := res.Body.Read(make([]byte, 4)); n != 500 {
			t.Errorf("read %d, want the base's 500", n)
		}
		_ = res.Body.Close()
		_ = res.Body.Close()
		_, _ = res.Body.Read(nil)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, chatURL, defective(500))
	if err != nil {
		t.Fatal(err)
	}
	if res, err := transport.RoundTrip(r); err == nil || err.Error() != "invalid read" {
		_ = res.Body.Close()
		t.Errorf("got %v", err)
	}
}

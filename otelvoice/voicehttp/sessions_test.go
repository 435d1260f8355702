// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

func sessionsOf(t *testing.T, handler http.Handler) string {
	t.Helper()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/debug/sessions", http.NoBody))
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("answered %d with %v", w.Code, w.Header())
	}
	return w.Body.String()
}

func TestSessionsHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // The clock starts at midnight, 2000-01-01.
		tel, _ := voicetest.Setup(t, voicesdk.WithInstrumentation(otelvoice.WithContentCapture()))
		handler := voicehttp.SessionsHandler(tel.Telemetry)
		if got, want := sessionsOf(t, handler), `{"sessions":[]}`+"\n"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		ctx := otelvoice.ContextWithCorrelationID(t.Context(), "550e8400-e29b-41d4-a716-446655440000")
		_, session := tel.StartSession(ctx, otelvoice.WithSessionID("sess_1"), otelvoice.WithUserID("alice@example.com"))
		<-time.After(time.Second)
		_, turn := session.StartTurn(t.Context(), otelvoice.WithTurnID("turn_1"))
		turn.Mark(otelvoice.UserStopped)
		<-time.After(time.Second)
		_, llm := turn.StartLLM(t.Context(), otelvoice.Model{Provider: "openai", Name: "gpt-4o"})
		llm.SetReply("my secret is 1234")
		want := `{"sessions":[{"session_id":"sess_1","correlation_id":"550e8400-e29b-41d4-a716-446655440000","start":"2000-01-01T00:00:00Z","turns":1,` +
			`"state":"thinking","since":"2000-01-01T00:00:01Z","open_turns":[{"turn_id":"turn_1","turn_index":1,"start":"2000-01-01T00:00:01Z",` +
			`"state":"thinking","since":"2000-01-01T00:00:01Z","marks":{"voice.llm.requested":"2000-01-01T00:00:02Z","voice.user.stopped":"2000-01-01T00:00:01Z"},` +
			`"open_stages":[{"stage":"llm","provider":"openai","model":"gpt-4o","since":"2000-01-01T00:00:02Z"}]}]}]}` + "\n"
		if got := sessionsOf(t, handler); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		session.End()
		if got, want := sessionsOf(t, handler), `{"sessions":[]}`+"\n"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// The field silent_since is absent while the user or the agent speaks.
func TestSessionsHandlerSaysSinceWhenNobodySpeaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _ := voicetest.Setup(t)
		handler := voicehttp.SessionsHandler(tel.Telemetry)
		_, session := tel.StartSession(t.Context())
		defer session.End()
		_, turn := session.StartTurn(t.Context())
		turn.Mark(otelvoice.UserStarted)
		<-time.After(time.Second)
		if got := sessionsOf(t, handler); strings.Contains(got, "silent_since") {
			t.Errorf("while the user speaks: %s", got)
		}
		turn.Mark(otelvoice.UserStopped)
		<-time.After(time.Second)
		if got, want := sessionsOf(t, handler), `"silent_since":"2000-01-01T00:00:01Z"`; !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// An ID that is a secret is redacted, as on the spans.
func TestSessionsHandlerRedacts(t *testing.T) {
	const secret = "sk-proj-" + "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789aBcDeFgHiJkL"
	tel, _ := voicetest.Setup(t)
	_, session := tel.StartSession(t.Context(), otelvoice.WithSessionID(secret))
	defer session.End()
	_, turn := session.StartTurn(t.Context(), otelvoice.WithTurnID(secret))
	defer turn.End()
	_, llm := turn.StartLLM(t.Context(), otelvoice.Model{Provider: secret, Name: secret})
	defer llm.End(nil)
	if got := sessionsOf(t, voicehttp.SessionsHandler(tel.Telemetry)); strings.Contains(got, "aBcDeFg") {
		t.Errorf("the answer has the secret: %s", got)
	}
}

func TestSessionsHandlerOfBadRequests(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	for _, tt := range []struct {
		name, method string
		tel          *otelvoice.Telemetry
		want         int
	}{
		{"POST", http.MethodPost, tel.Telemetry, http.StatusMethodNotAllowed},
		{"DELETE", http.MethodDelete, tel.Telemetry, http.StatusMethodNotAllowed},
		{"HEAD", http.MethodHead, tel.Telemetry, http.StatusOK},
		{"without telemetry", http.MethodGet, nil, http.StatusOK},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(voicehttp.SessionsHandler(tt.tel))
			defer server.Close()
			request, err := http.NewRequestWithContext(t.Context(), tt.method, server.URL, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			response, err := server.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			body, _ := io.ReadAll(response.Body)
			if response.StatusCode != tt.want {
				t.Errorf("answered %d with %s, want %d", response.StatusCode, body, tt.want)
			}
			if tt.tel == nil && string(body) != `{"sessions":[]}`+"\n" {
				t.Errorf("answered %s", body)
			}
		})
	}
}

func ExampleSessionsHandler() {
	ctx := context.Background()
	tel, err := voicesdk.Setup(ctx, voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(ctx) }()

	debug := http.NewServeMux() // Serve it on 127.0.0.1 only.
	debug.Handle("GET /debug/sessions", voicehttp.SessionsHandler(tel.Telemetry))

	_, session := tel.StartSession(ctx, otelvoice.WithSessionID("sess_1"))
	defer session.End()
	response := httptest.NewRecorder()
	debug.ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/debug/sessions", http.NoBody))
	var open struct {
		Sessions []struct {
			ID    string `json:"session_id"`
			State string
		}
	}
	_ = json.Unmarshal(response.Body.Bytes(), &open)
	fmt.Println(open.Sessions)
	// Output: [{sess_1 idle}]
}

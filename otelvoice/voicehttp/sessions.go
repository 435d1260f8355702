// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"encoding/json"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// SessionsHandler returns a handler that answers GET with the open sessions as JSON, in the order of
// their start: what [otelvoice.Telemetry.Sessions] returns. It has IDs, times, states, and the providers
// and models of open stages, and no content, user ID or attribute of the application. IDs are redacted
// as those of spans are.
//
// The handler has no authentication, and its answer says who calls when: serve it on a loopback or
// internal address only, such as beside net/http/pprof, or behind a handler that authenticates. An
// answer takes some microseconds a session. With a nil tel there are no sessions.
func SessionsHandler(tel *otelvoice.Telemetry) http.Handler {
	var redactor *redaction.Engine
	if logs, ok := tel.LoggerProvider().(*logpipe.Provider); ok {
		redactor = logs.Redactor()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "want GET", http.StatusMethodNotAllowed)
			return
		}
		open := openSessions{Sessions: []openSession{}}
		for _, s := range tel.Sessions() {
			open.Sessions = append(open.Sessions, newOpenSession(redactor, s))
		}
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		_ = json.NewEncoder(w).Encode(open) // The client has gone.
	})
}

// openSessions is the body of the answers of the sessions handler.
type openSessions struct {
	Sessions []openSession `json:"sessions"`
}

type openSession struct {
	ID            string          `json:"session_id"`
	CorrelationID string          `json:"correlation_id"`
	Start         time.Time       `json:"start"`
	Turns         int             `json:"turns"`
	State         otelvoice.State `json:"state"`
	Since         time.Time       `json:"since,omitzero"`
	SilentSince   time.Time       `json:"silent_since,omitzero"`
	Open          []openTurn      `json:"open_turns,omitempty"`
}

type openTurn struct {
	ID     string               `json:"turn_id"`
	Index  int                  `json:"turn_index"`
	Start  time.Time            `json:"start"`
	State  otelvoice.State      `json:"state"`
	Since  time.Time            `json:"since"`
	Marks  map[string]time.Time `json:"marks,omitempty"` // By the names of their events.
	Stages []openStage          `json:"open_stages,omitempty"`
}

type openStage struct {
	Kind     string    `json:"stage"`
	Provider string    `json:"provider,omitempty"`
	Model    string    `json:"model,omitempty"`
	Since    time.Time `json:"since"`
}

func newOpenSession(redactor *redaction.Engine, s otelvoice.SessionSnapshot) openSession {
	redacted := func(kv attribute.KeyValue) string {
		kv, _ = redactor.Attribute(kv)
		return kv.Value.String()
	}
	open := openSession{
		ID: redacted(semconv.SessionID(s.ID)), CorrelationID: redacted(semconv.VoiceCorrelationID(s.CorrelationID)),
		Start: s.Start.UTC(), Turns: s.Turns, State: s.State, Since: s.Since.UTC(),
		SilentSince: s.SilentSince.UTC(),
	}
	for _, t := range s.Open {
		turn := openTurn{
			ID: redacted(semconv.VoiceTurnID(t.ID)), Index: t.Index, Start: t.Start.UTC(), State: t.State, Since: t.Since.UTC(),
			Marks: make(map[string]time.Time, len(t.Marks)),
		}
		for mark, at := range t.Marks {
			turn.Marks[mark.String()] = at.UTC()
		}
		for _, stage := range t.Stages {
			turn.Stages = append(turn.Stages, openStage{
				Kind: stage.Kind, Provider: redacted(semconv.GenAIProviderName(stage.Provider)),
				Model: redacted(semconv.GenAIRequestModel(stage.Model)), Since: stage.Since.UTC(),
			})
		}
		open.Open = append(open.Open, turn)
	}
	return open
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package api serves the calls of a store as JSON, for the pages of the viewer and for programs.
//
//	GET /api/calls                 the list of calls: see [List]
//	GET /api/calls/ID              a call: see [Shown]
//	GET /api/calls/ID/export       the call document; with ?format=html, a page that shows the call without a server
//	GET /api/calls/ID/recording    the recording, if the viewer was given it
//	GET /api/latency               percentiles of the segments: see [Latency]
//	GET /api/compare               two sets of calls: see [Comparison]
//	GET /api/health                what arrived, and what was dropped: see [Health]
//	GET /api/events                server-sent events: which calls changed
//
// Times are in UTC, durations are in seconds. What is unknown is absent. All answers are read-only.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/index"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/receive"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/recordings"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/store"
)

// A Server serves a store. Set its fields before the first request.
type Server struct {
	Store *store.Store
	Index *index.Index
	// Counts returns what was received; nil if the viewer does not receive.
	Counts func() receive.Counts
	// Listening are the addresses at which telemetry is received.
	Listening []string
	Since     time.Time
	Version   string
	// Recordings is where the recordings are; nil if the viewer was given none.
	Recordings *recordings.Source
	// Page returns a page that shows a document without a server; nil if there is none.
	Page func(document []byte) []byte
}

// Handler returns the handler of all paths below /api/.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/calls", answer(s.calls))
	mux.HandleFunc("GET /api/calls/{id}", answer(s.call))
	mux.HandleFunc("GET /api/calls/{id}/export", s.export)
	mux.HandleFunc("GET /api/calls/{id}/recording", s.recording)
	mux.HandleFunc("GET /api/latency", answer(s.latency))
	mux.HandleFunc("GET /api/compare", answer(s.compare))
	mux.HandleFunc("GET /api/health", answer(s.health))
	mux.HandleFunc("GET /api/events", s.events)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) { fail(w, http.StatusNotFound, "no such path") })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		if _, err := url.ParseQuery(r.URL.RawQuery); err != nil { // A filter that is left out would answer for all calls.
			fail(w, http.StatusBadRequest, "the query of the URL is malformed: "+err.Error())
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// A badRequestError is a mistake in the question.
type badRequestError struct{ error }

// answer answers with what ask returns, as JSON.
func answer[T any](ask func(context.Context, *http.Request) (T, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		value, err := ask(r.Context(), r)
		if err != nil {
			failWith(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(value)
	}
}

func failWith(w http.ResponseWriter, err error) {
	var bad badRequestError
	switch {
	case errors.Is(err, store.ErrUnknown):
		fail(w, http.StatusNotFound, err.Error())
	case errors.As(err, &bad):
		fail(w, http.StatusBadRequest, err.Error())
	default:
		fail(w, http.StatusInternalServerError, err.Error())
	}
}

func fail(w http.ResponseWriter, code int, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": message})
}

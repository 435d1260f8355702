// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
)

// Headers and media types of the vendor's format.
const (
	headerRequestID = "X-Request-Id"
	typeJSON        = "application/json"
)

// handler routes requests, gives them an ID, records them, and checks the key.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+PathTranscriptions, s.transcribe)
	mux.HandleFunc("POST "+PathChat, s.chat)
	mux.HandleFunc("POST "+PathSpeech, s.speak)
	mux.HandleFunc("/", unknownPath)

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := Request{Method: r.Method, Path: r.URL.Path, Header: r.Header.Clone()}
		seen.Header.Del("Authorization")
		seen.ID = s.requestID(r)
		s.remember(seen)

		w.Header().Set(headerRequestID, seen.ID)
		token, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !isBearer || strings.TrimSpace(token) == "" {
			writeFailure(w, failure{
				status: http.StatusUnauthorized, kind: "invalid_request_error", code: "invalid_api_key",
				message: "You didn't provide an API key. Provide it in an Authorization header using Bearer auth.",
			})
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func unknownPath(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case PathTranscriptions, PathChat, PathSpeech:
		w.Header().Set("Allow", http.MethodPost)
		writeFailure(w, failure{
			status: http.StatusMethodNotAllowed, kind: "invalid_request_error", code: "method_not_supported",
			message: fmt.Sprintf("Not allowed to %s on %s.", r.Method, r.URL.Path),
		})
	default:
		writeFailure(w, failure{
			status: http.StatusNotFound, kind: "invalid_request_error", code: "unknown_url",
			message: fmt.Sprintf("Unknown request URL: %s %s.", r.Method, r.URL.Path),
		})
	}
}

// requestID names the n-th request for a path. It is a name, not a secret:
// drawing it from the seed keeps two runs comparable.
func (s *Server) requestID(r *http.Request) string {
	n := s.ask("id " + r.URL.Path)
	d := newDice(s.opts.Seed, fmt.Sprintf("id %s %d", r.URL.Path, n))
	return fmt.Sprintf("req_%016x%016x", d.rng.Uint64(), d.rng.Uint64())
}

// dice returns the random source of one question. Each repetition of a question, by a retry or
// by another call, gets its own source.
func (s *Server) dice(question string) dice {
	return newDice(s.opts.Seed, fmt.Sprintf("%s #%d", question, s.ask(question)))
}

// dice is a random source that depends only on a seed and a key. It is used for one request
// and not concurrently.
type dice struct{ rng *rand.Rand }

func newDice(seed uint64, key string) dice {
	sum := sha256.Sum256([]byte(key))
	a, b := binary.LittleEndian.Uint64(sum[:8]), binary.LittleEndian.Uint64(sum[8:16])
	return dice{rand.New(rand.NewPCG(seed^a, b))}
}

// id returns a generated identifier such as "chatcmpl-4f2a9c…".
func (d dice) id(prefix string) string {
	return fmt.Sprintf("%s%016x%08x", prefix, d.rng.Uint64(), d.rng.Uint32())
}

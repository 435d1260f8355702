// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendors

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// synthesis answers with µ-law of 8 kHz, in pieces of 100 ms.
func (s *Server) synthesis(w http.ResponseWriter, r *http.Request) {
	s.received("/v1/text-to-speech")
	var request struct {
		Text string `json:"text"`
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil || request.Text == "" {
		answer(w, http.StatusUnprocessableEntity, object{"detail": object{"status": "invalid_text", "message": "no text"}})
		return
	}
	n := s.next("synthesis")
	if n >= len(s.script.Syntheses) {
		answer(w, http.StatusBadRequest, object{"detail": object{"status": "no_script", "message": "the script has no more syntheses"}})
		return
	}
	script := s.script.Syntheses[n]
	w.Header().Set("Request-Id", s.id("el"))
	w.Header().Set("Character-Cost", strconv.Itoa(len(request.Text)))
	w.Header().Set("Content-Type", "audio/basic")
	if !wait(r, s.script.FirstDelay) {
		return
	}
	const piece = 100 * time.Millisecond
	for at := time.Duration(0); at < script.Silence+script.Voice; at += piece {
		if _, err := w.Write(muLaw(piece, at >= script.Silence)); err != nil {
			return
		}
		flush(w)
		if !wait(r, s.script.Pace) {
			return
		}
	}
	if script.Hang {
		<-r.Context().Done()
	}
}

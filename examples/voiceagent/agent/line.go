// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"fmt"
	"net/http"

	"github.com/voice-agents/telemetry/examples/voiceagent/wire"
)

// A line is the agent's way to the caller: the body of the response.
type line struct {
	w    http.ResponseWriter
	http *http.ResponseController
}

// pickUp answers the call: from here on the response is written while the request is
// still being read.
func pickUp(w http.ResponseWriter) (line, error) {
	l := line{w, http.NewResponseController(w)}
	if err := l.http.EnableFullDuplex(); err != nil {
		return l, fmt.Errorf("agent: pick up: %w", err)
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	// A line is for one call. Kept open, net/http would wait for the next request
	// while the end of this one's body may still be read.
	w.Header().Set("Connection", "close")
	w.WriteHeader(http.StatusOK)
	if err := l.http.Flush(); err != nil {
		return l, fmt.Errorf("agent: pick up: %w", err)
	}
	return l, nil
}

// send sends one frame at once.
func (l line) send(kind wire.Kind, payload []byte) error {
	if err := wire.Write(l.w, kind, payload); err != nil {
		return err
	}
	if err := l.http.Flush(); err != nil {
		return fmt.Errorf("agent: send: %w", err)
	}
	return nil
}

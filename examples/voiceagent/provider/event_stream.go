// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// eventStream writes server-sent events without buffering.
type eventStream struct {
	w http.ResponseWriter
	c *http.ResponseController
}

func newEventStream(w http.ResponseWriter) eventStream {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(http.StatusOK)
	return eventStream{w, http.NewResponseController(w)}
}

// send writes one event.
func (s eventStream) send(v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("provider: event: %w", err)
	}
	return s.line(data)
}

// done writes the marker that ends a stream of chat chunks.
func (s eventStream) done() error { return s.line([]byte("[DONE]")) }

func (s eventStream) line(data []byte) error {
	if _, err := fmt.Fprintf(s.w, "data: %s\n\n", data); err != nil {
		return fmt.Errorf("provider: event: %w", err)
	}
	return s.c.Flush()
}

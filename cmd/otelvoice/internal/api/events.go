// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// The times of the stream of events.
const (
	eventRest = 250 * time.Millisecond // Between two events.
	keepAlive = 15 * time.Second       // Between two comments, so that a connection that is gone is found.
)

// maxChanged is how many IDs an event has. If more calls changed, the event has none, and the list is read again.
const maxChanged = 200

// events streams which calls changed, four times a second at most: event "calls", data {"ids":[…]}.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	listener := s.Index.Listen()
	defer listener.Stop()
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	write := func(text string) bool {
		_ = out.SetWriteDeadline(time.Now().Add(keepAlive))
		_, err := fmt.Fprint(w, text)
		return err == nil && out.Flush() == nil
	}
	if !write(": open\n\n") {
		return
	}
	alive := time.NewTicker(keepAlive)
	defer alive.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-alive.C:
			if !write(": alive\n\n") {
				return
			}
		case <-listener.Changed:
			ids := listener.Take()
			if len(ids) > maxChanged {
				ids = []string{}
			}
			data, err := json.Marshal(map[string][]string{"ids": ids})
			if err != nil || !write("event: calls\ndata: "+string(data)+"\n\n") {
				return
			}
			select {
			case <-time.After(eventRest):
			case <-r.Context().Done():
				return
			}
		}
	}
}

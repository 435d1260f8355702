// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
)

// A Fault is a simulated failure: the Nth request for Path about Text, and the Times-1 requests
// after it, get Status.
type Fault struct {
	// Path is one of the Path constants; empty means every path.
	Path string
	// Text limits the fault to requests about a text that contains it, in any case: the transcript
	// of the audio, the last message of a chat, the input of a synthesis. It distinguishes
	// concurrent calls by their texts. Empty means any text.
	Text string
	// Nth counts the requests that match, from 1. Zero means 1.
	Nth int
	// Times is how many requests in a row fail. Zero means 1.
	Times int
	// Status is 429, 500 or 503, or any other error status. Zero means 503.
	Status int
}

// faults counts the requests until each fault.
type faults struct {
	mu   sync.Mutex
	list []Fault
	seen []int
}

func newFaults(list []Fault) *faults {
	f := &faults{list: make([]Fault, len(list)), seen: make([]int, len(list))}
	for i, fault := range list {
		fault.Nth = max(fault.Nth, 1)
		fault.Times = max(fault.Times, 1)
		if fault.Status == 0 {
			fault.Status = http.StatusServiceUnavailable
		}
		fault.Text = strings.ToLower(fault.Text)
		f.list[i] = fault
	}
	return f
}

// next counts a request and returns the status to fail it with, or 0.
func (f *faults) next(path, text string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	text = strings.ToLower(text)
	status := 0
	for i, fault := range f.list {
		if (fault.Path != "" && fault.Path != path) || !strings.Contains(text, fault.Text) {
			continue
		}
		f.seen[i]++
		if n := f.seen[i]; status == 0 && n >= fault.Nth && n < fault.Nth+fault.Times {
			status = fault.Status
		}
	}
	return status
}

// failed responds with a fault if one is due, and reports whether it did.
func (s *Server) failed(w http.ResponseWriter, r *http.Request, d dice, text string) bool {
	status := s.faults.next(r.URL.Path, text)
	if status == 0 {
		return false
	}
	if s.clock.wait(r.Context(), d.draw(outageNotice)) == nil {
		writeFailure(w, outage(status))
	}
	return true
}

// outage returns the vendor's message for an error status of the server or of a rate limit.
func outage(status int) failure {
	switch status {
	case http.StatusTooManyRequests:
		return failure{
			status: status, kind: "requests", code: "rate_limit_exceeded",
			message: "Rate limit reached for requests. Please try again in 1s.",
		}
	case http.StatusServiceUnavailable:
		return failure{
			status: status, kind: "server_error", code: "service_unavailable",
			message: "The server is overloaded or not ready yet.",
		}
	default:
		return failure{
			status: status, kind: "server_error",
			message: "The server had an error while processing your request.",
		}
	}
}

// failure is an error response.
type failure struct {
	status  int
	message string
	kind    string // "type" on the wire
	param   string // empty is null on the wire
	code    string // empty is null on the wire
}

// invalid returns the response to an invalid request.
func invalid(param, message string) failure {
	return failure{
		status: http.StatusBadRequest, kind: "invalid_request_error",
		param: param, code: "invalid_value", message: message,
	}
}

func writeFailure(w http.ResponseWriter, f failure) {
	type body struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	}
	if f.status == http.StatusTooManyRequests || f.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	writeJSON(w, f.status, map[string]body{
		"error": {Message: f.message, Type: f.kind, Param: nullable(f.param), Code: nullable(f.code)},
	})
}

func nullable(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// writeJSON writes the whole response. It ignores errors of a client that has disconnected.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", typeJSON)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

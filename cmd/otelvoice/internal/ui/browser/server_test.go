// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/ui"
)

// object is JSON.
type object = map[string]any

// A server answers with what a test puts into it.
type server struct {
	*httptest.Server

	mu      sync.Mutex
	calls   []object
	next    string
	docs    map[string]object
	latency any
	compare any
	health  any
	fail    string // The error of all answers, if it is not "".
	asked   []url.Values
	changed chan string
	// listeners are the connections that wait for changes.
	listeners atomic.Int32
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{docs: map[string]object{}, latency: object{}, compare: object{}, health: object{}, changed: make(chan string, 10)}
	stop := make(chan struct{})
	mux := http.NewServeMux()
	mux.Handle("/", ui.Handler())
	mux.HandleFunc("GET /api/calls", s.answer(func(r *http.Request) any {
		s.asked = append(s.asked, r.URL.Query())
		list := object{"calls": s.calls, "total": len(s.calls), "facets": object{"agent": []string{"concierge"}, "version": []string{"1.4.0", "1.5.0"}, "outcome": []string{"booked", "transferred"}, "channel": []string{"phone"}}}
		if r.URL.Query().Has("before") {
			list["calls"] = []object{{"id": "sess_older", "start": "2026-02-28T09:00:00Z", "turns": 1}}
		} else if s.next != "" {
			list["next"] = s.next
		}
		return list
	}))
	mux.HandleFunc("GET /api/calls/{id}", s.answer(func(r *http.Request) any {
		if doc, ok := s.docs[r.PathValue("id")]; ok {
			return doc
		}
		return nil
	}))
	mux.HandleFunc("GET /api/calls/{id}/recording", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "audio/wav")
		http.ServeContent(w, r, "call.wav", time.Time{}, bytes.NewReader(recording))
	})
	mux.HandleFunc("GET /api/latency", s.answer(func(r *http.Request) any {
		s.asked = append(s.asked, r.URL.Query())
		return s.latency
	}))
	mux.HandleFunc("GET /api/compare", s.answer(func(r *http.Request) any {
		s.asked = append(s.asked, r.URL.Query())
		return s.compare
	}))
	mux.HandleFunc("GET /api/health", s.answer(func(*http.Request) any { return s.health }))
	mux.HandleFunc("GET /api/events", func(w http.ResponseWriter, r *http.Request) {
		s.listeners.Add(1)
		defer s.listeners.Add(-1)
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, ": open\n\n")
		_ = http.NewResponseController(w).Flush()
		for {
			select {
			case <-stop:
				return
			case <-r.Context().Done():
				return
			case id := <-s.changed:
				data, _ := json.Marshal(object{"ids": []string{id}})
				fmt.Fprintf(w, "event: calls\ndata: %s\n\n", data)
				_ = http.NewResponseController(w).Flush()
			}
		}
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		close(stop)
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func (s *server) answer(ask func(*http.Request) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		v := ask(r)
		switch {
		case s.fail != "":
			w.WriteHeader(http.StatusInternalServerError)
			v = object{"error": s.fail}
		case v == nil:
			w.WriteHeader(http.StatusNotFound)
			v = object{"error": "there is no call of this ID"}
		}
		_ = json.NewEncoder(w).Encode(v)
	}
}

// set changes the answers.
func (s *server) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// wasAsked reports whether a request had a parameter.
func (s *server) wasAsked(name, want string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, query := range s.asked {
		if query.Get(name) == want {
			return true
		}
	}
	return false
}

// recording is a WAV file: 30 s of a tone, two channels.
var recording = func() []byte {
	const rate, length = 8000, 30
	var samples bytes.Buffer
	for i := range rate * length {
		v := int16(3000 * math.Sin(2*math.Pi*440*float64(i)/rate))
		_ = binary.Write(&samples, binary.LittleEndian, [2]int16{v, -v})
	}
	var file bytes.Buffer
	file.WriteString("RIFF")
	_ = binary.Write(&file, binary.LittleEndian, uint32(36+samples.Len()))
	file.WriteString("WAVEfmt ")
	_ = binary.Write(&file, binary.LittleEndian, struct {
		Size             uint32
		Format, Channels uint16
		Rate, Bytes      uint32
		Block, Bits      uint16
	}{16, 1, 2, rate, rate * 4, 4, 16})
	file.WriteString("data")
	_ = binary.Write(&file, binary.LittleEndian, uint32(samples.Len()))
	file.Write(samples.Bytes())
	return file.Bytes()
}()

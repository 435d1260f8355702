// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package vendors serves the APIs of OpenAI, Anthropic, ElevenLabs and Deepgram on loopback. The
// answers and their pace are those of a [Script], so that two agents that make the same requests
// get the same answers, with the same request ids.
package vendors

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"
)

// A Script is what the vendors answer.
type Script struct {
	// Transcripts are what Deepgram recognises, one for each utterance.
	Transcripts []string
	// Transcript is what OpenAI transcribes.
	Transcript string
	// Chats are the answers of OpenAI's chat completions, in the order of the requests.
	Chats []Chat
	// Message is the answer of Anthropic.
	Message string
	// Speech is the length of OpenAI's speech.
	Speech time.Duration
	// Responses are the answers of OpenAI's realtime model, in the order of its responses.
	Responses []Response
	// Syntheses are the answers of ElevenLabs, in the order of the requests.
	Syntheses []Synthesis
	// FailedMessages and FailedChats are the numbers of requests that fail before one is answered.
	FailedMessages, FailedChats int
	// FirstDelay is the time before an answer begins, and Pace the time between its chunks.
	FirstDelay, Pace time.Duration
}

// A Chat is an answer of a chat model: a text, or the call of a tool.
type Chat struct {
	Text      string
	Tool      string
	Arguments []string // In the pieces in which they are sent.
	In, Out   int      // Tokens.
}

// A Response is an answer of a realtime model: audio, or the call of a tool.
type Response struct {
	Audio   time.Duration
	Tool    string
	In, Out int // Tokens, of which half are of audio.
}

// A Synthesis is the audio of a sentence.
type Synthesis struct {
	Silence, Voice time.Duration
	// Hang keeps the response open after the audio, until the client goes away.
	Hang bool
}

// A Server serves all vendors.
type Server struct {
	*httptest.Server

	script Script

	mu       sync.Mutex
	counts   map[string]int
	requests map[string]int
}

// Start starts a server on loopback.
func Start(script Script) *Server {
	s := &Server{script: script, counts: make(map[string]int), requests: make(map[string]int)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", s.chat)
	mux.HandleFunc("POST /v1/audio/transcriptions", s.transcription)
	mux.HandleFunc("POST /v1/audio/speech", s.speech)
	mux.HandleFunc("POST /v1/messages", s.messages)
	mux.HandleFunc("POST /v1/text-to-speech/{voice}/stream", s.synthesis)
	mux.HandleFunc("GET /v1/listen", s.listen)
	mux.HandleFunc("GET /v1/realtime", s.realtime)
	s.Server = httptest.NewServer(mux)
	return s
}

// Host returns the address without a scheme.
func (s *Server) Host() string { return s.Listener.Addr().(*net.TCPAddr).String() }

// Requests returns how many requests a path of the API got.
func (s *Server) Requests(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[path]
}

// next counts from 0, for each kind of thing.
func (s *Server) next(kind string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.counts[kind]
	s.counts[kind]++
	return n
}

// id returns an id that is the same in each run.
func (s *Server) id(prefix string) string { return fmt.Sprintf("%s_%06d", prefix, s.next(prefix)) }

func (s *Server) received(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[path]++
}

// wait waits, and reports false if the client went away.
func wait(r *http.Request, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-r.Context().Done():
		return false
	}
}

// object is a JSON object.
type object = map[string]any

// answer sends a JSON object.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // The client may be gone.
}

// busy answers that a vendor is overloaded.
func busy(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Retry-After-Ms", strconv.Itoa(20))
	answer(w, status, body)
}

// events begins a stream of server-sent events.
func events(w http.ResponseWriter) func(name string, data any) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	flush(w)
	return func(name string, data any) {
		if name != "" {
			_, _ = fmt.Fprintf(w, "event: %s\n", name)
		}
		text, ok := data.(string)
		if !ok {
			encoded, _ := json.Marshal(data)
			text = string(encoded)
		}
		_, _ = fmt.Fprintf(w, "data: %s\n\n", text)
		flush(w)
	}
}

func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }

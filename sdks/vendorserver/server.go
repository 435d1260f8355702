// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package vendorserver serves the HTTP protocols of speech and language vendors on loopback, for
// tests that drive the vendors' SDKs. A [Server] gives one scripted [Answer] to each request; a
// [Dialect] writes the answers of a language model in the protocol of one vendor.
package vendorserver

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
)

// An Answer is what the server sends for one request.
type Answer struct {
	Status int // 0 is 200.
	Header http.Header
	Body   string
	// Stream is sent after Body, each chunk by a write and a flush of its own.
	Stream []Chunk
	// IsPaced makes the server wait for [Server.Next] after each chunk that has text.
	IsPaced bool
	// IsEndless keeps the response open after the last chunk, until the client is gone.
	IsEndless bool
	// IsCut closes the connection after the last chunk, in the middle of the response.
	IsCut bool
}

// A Chunk is a part of a stream.
type Chunk struct {
	Data string
	// HasText is true if the chunk has a part of the text of the answer, which SDKs return to
	// their caller at once.
	HasText bool
}

// A Request is a request that the server received.
type Request struct {
	Method, Path string
	Header       http.Header
	Body         []byte
}

// A Server answers requests on loopback. Close it.
type Server struct {
	*httptest.Server

	next chan struct{}
	gone chan struct{}

	mu       sync.Mutex
	answers  []Answer
	requests []Request
}

// New starts a server that answers the first request with the first answer, and so on. The last
// answer is for all further requests.
func New(answers ...Answer) *Server {
	s := &Server{answers: answers, next: make(chan struct{}), gone: make(chan struct{}, 100)}
	s.Server = httptest.NewServer(s)
	return s
}

// Next lets a paced stream go on. It returns when the server is about to write the next chunk.
func (s *Server) Next() { s.next <- struct{}{} }

// Gone returns when a client has left before the end of its response.
func (s *Server) Gone() { <-s.gone }

// Requests returns the requests so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	answer := s.answer(Request{Method: r.Method, Path: r.URL.Path, Header: r.Header, Body: body})
	maps.Copy(w.Header(), answer.Header)
	if len(answer.Stream) == 0 && !answer.IsEndless && !answer.IsCut {
		w.Header().Set("Content-Length", strconv.Itoa(len(answer.Body)))
	}
	if answer.Status != 0 {
		w.WriteHeader(answer.Status)
	}
	_, _ = io.WriteString(w, answer.Body)
	flush := http.NewResponseController(w).Flush
	for _, chunk := range answer.Stream {
		_, _ = io.WriteString(w, chunk.Data)
		_ = flush()
		if !chunk.HasText || !answer.IsPaced {
			continue
		}
		select {
		case <-s.next:
		case <-r.Context().Done():
			s.gone <- struct{}{}
			return
		}
	}
	switch {
	case answer.IsEndless:
		_ = flush()
		<-r.Context().Done()
		s.gone <- struct{}{}
	case answer.IsCut:
		panic(http.ErrAbortHandler)
	}
}

// answer keeps a request and returns its answer.
func (s *Server) answer(r Request) Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.requests), len(s.answers)-1)
	s.requests = append(s.requests, r)
	return s.answers[n]
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// The paths served, below the host.
const (
	PathTranscriptions = "/v1/audio/transcriptions"
	PathChat           = "/v1/chat/completions"
	PathSpeech         = "/v1/audio/speech"
)

// maxRequests bounds the requests that [Server.Requests] returns.
const maxRequests = 4096

// Options configure the vendor. With the zero value it never fails, answers in real time and
// recognizes no audio.
type Options struct {
	// Seed determines all delays and generated IDs.
	Seed uint64
	// Speed divides all delays: 20 is twenty times real time. 0, a negative number and NaN
	// are 1.
	Speed float64
	// Script has the text of each recording. Other audio, such as silence, is transcribed as
	// an empty text.
	Script Script
	// Faults are the simulated failures.
	Faults []Fault
	// Listener accepts the connections, and is closed with the server. Nil is a free port of
	// 127.0.0.1.
	Listener net.Listener
}

// A Request is a request that the vendor received.
type Request struct {
	// ID is the x-request-id of the response.
	ID     string
	Method string
	Path   string
	// Header is a copy of the request's header without Authorization.
	Header http.Header
}

// A Server is a running vendor. It is safe for concurrent use.
type Server struct {
	baseURL string
	http    http.Server
	opts    Options
	clock   clock
	faults  *faults
	unwatch func() bool    // stops waiting for the context's end
	served  chan struct{}  // closed when the accept loop has returned
	conns   sync.WaitGroup // connections open; nothing is added after served

	mu       sync.Mutex
	closed   bool
	requests []Request
	asked    map[string]int // how often each question was asked
}

// Serve starts a vendor, by default on a free port of 127.0.0.1. It runs until Close is
// called or ctx ends. Nil opts are the zero Options.
func Serve(ctx context.Context, opts *Options) (*Server, error) {
	if opts == nil {
		opts = &Options{}
	}
	listener := opts.Listener
	if listener == nil {
		var err error
		if listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
			return nil, fmt.Errorf("provider: listen: %w", err)
		}
	}
	s := &Server{
		baseURL: "http://" + listener.Addr().String() + "/v1",
		opts:    *opts,
		clock:   newClock(opts.Speed),
		faults:  newFaults(opts.Faults),
		served:  make(chan struct{}),
		asked:   make(map[string]int),
	}
	s.http = http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				s.conns.Add(1)
			case http.StateClosed:
				s.conns.Done()
			default:
			}
		},
	}
	go func() {
		defer close(s.served)
		// The error is always ErrServerClosed, because only Close closes the listener.
		_ = s.http.Serve(listener)
	}()
	// Closing the connections ends the requests. If the requests ended first, an aborted
	// answer would look complete.
	s.unwatch = context.AfterFunc(ctx, func() { _ = s.http.Close() })
	return s, nil
}

// BaseURL returns the address to give to a client, as in
// "http://127.0.0.1:41234/v1".
func (s *Server) BaseURL() string { return s.baseURL }

// Close closes the connections and waits for the requests in flight to end. Clients get an error
// for an answer in flight. A second call is a no-op and returns nil.
func (s *Server) Close() error {
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if closed {
		return nil
	}
	s.unwatch()
	err := s.http.Close()
	<-s.served
	s.conns.Wait()
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("provider: close: %w", err)
	}
	return nil
}

// Requests returns the requests seen so far in the order of their arrival,
// the newest 4096 of them. It works after Close.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// remember records a request.
func (s *Server) remember(r Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) == maxRequests {
		s.requests = slices.Delete(s.requests, 0, 1)
	}
	s.requests = append(s.requests, r)
}

// ask returns how often question was asked before.
func (s *Server) ask(question string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.asked[question]
	s.asked[question] = n + 1
	return n
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// A Front is a server before another one, such as a load balancer, that can answer in
// its place.
type Front struct {
	URL string

	behind  http.Handler
	instead atomic.Pointer[http.HandlerFunc]
	handed  atomic.Int64
}

// NewFront starts one that hands everything on.
func NewFront(tb testing.TB, to string) *Front {
	tb.Helper()
	behind, err := url.Parse(to)
	if err != nil {
		tb.Fatal(err)
	}
	f := &Front{behind: httputil.NewSingleHostReverseProxy(behind)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if instead := f.instead.Load(); instead != nil {
			(*instead)(w, r)
			return
		}
		f.handOn(w, r)
	}))
	tb.Cleanup(server.Close)
	f.URL = server.URL
	return f
}

// Instead has it answer by itself; nil hands on again.
func (f *Front) Instead(answer http.HandlerFunc) {
	if answer == nil {
		f.instead.Store(nil)
		return
	}
	f.instead.Store(&answer)
}

func (f *Front) handOn(w http.ResponseWriter, r *http.Request) {
	f.handed.Add(max(r.ContentLength, 0))
	f.behind.ServeHTTP(w, r)
}

// Handed is how many bytes of bodies were handed on, of requests that say how long they are.
func (f *Front) Handed() int64 { return f.handed.Load() }

// Filter has it hand on only those requests for which take returns true. It answers the others.
func (f *Front) Filter(take func(w http.ResponseWriter, r *http.Request) bool) {
	f.Instead(func(w http.ResponseWriter, r *http.Request) {
		if take(w, r) {
			f.handOn(w, r)
		}
	})
}

// Hold has requests wait, and hands them on when it is released.
func (f *Front) Hold() (release func()) {
	released := make(chan struct{})
	f.Instead(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-released:
			f.handOn(w, r)
		case <-r.Context().Done():
		}
	})
	return sync.OnceFunc(func() {
		f.Instead(nil)
		close(released)
	})
}

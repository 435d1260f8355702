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

// A Front is a server in front of another one, such as a load balancer. It can answer in its place.
type Front struct {
	URL string

	behind    http.Handler
	instead   atomic.Pointer[http.HandlerFunc]
	forwarded atomic.Int64
}

// NewFront starts a front that forwards all requests.
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
		f.forward(w, r)
	}))
	tb.Cleanup(server.Close)
	f.URL = server.URL
	return f
}

// Instead makes the front answer requests with the handler. Nil forwards them again.
func (f *Front) Instead(answer http.HandlerFunc) {
	if answer == nil {
		f.instead.Store(nil)
		return
	}
	f.instead.Store(&answer)
}

func (f *Front) forward(w http.ResponseWriter, r *http.Request) {
	f.forwarded.Add(max(r.ContentLength, 0))
	f.behind.ServeHTTP(w, r)
}

// Forwarded returns the total Content-Length of the forwarded requests.
func (f *Front) Forwarded() int64 { return f.forwarded.Load() }

// Filter makes the front forward only the requests for which take returns true. It answers the others.
func (f *Front) Filter(take func(w http.ResponseWriter, r *http.Request) bool) {
	f.Instead(func(w http.ResponseWriter, r *http.Request) {
		if take(w, r) {
			f.forward(w, r)
		}
	})
}

// Hold makes requests wait and forwards them when they are released.
func (f *Front) Hold() (release func()) {
	released := make(chan struct{})
	f.Instead(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-released:
			f.forward(w, r)
		case <-r.Context().Done():
		}
	})
	return sync.OnceFunc(func() {
		f.Instead(nil)
		close(released)
	})
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
)

// A Front is a server before another one, such as a load balancer, that can answer in
// its place.
type Front struct {
	URL string

	instead atomic.Pointer[http.HandlerFunc]
}

// NewFront starts one that hands everything on.
func NewFront(tb testing.TB, to string) *Front {
	tb.Helper()
	behind, err := url.Parse(to)
	if err != nil {
		tb.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(behind)
	f := &Front{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if instead := f.instead.Load(); instead != nil {
			(*instead)(w, r)
			return
		}
		proxy.ServeHTTP(w, r)
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

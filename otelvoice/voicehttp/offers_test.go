// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// Optional interfaces of a response that have no name in net/http.
type (
	flushError    interface{ FlushError() error }
	closeNotifier interface{ CloseNotify() <-chan bool }
	deadlines     interface {
		SetReadDeadline(deadline time.Time) error
		SetWriteDeadline(deadline time.Time) error
	}
	fullDuplex interface{ EnableFullDuplex() error }
)

// offers returns the names of the optional interfaces that a response has.
func offers(w http.ResponseWriter) string {
	var names []string
	note := func(name string, ok bool) {
		if ok {
			names = append(names, name)
		}
	}
	_, ok := w.(http.Flusher)
	note("Flusher", ok)
	_, ok = w.(flushError)
	note("FlushError", ok)
	_, ok = w.(closeNotifier)
	note("CloseNotifier", ok)
	_, ok = w.(http.Hijacker)
	note("Hijacker", ok)
	_, ok = w.(io.ReaderFrom)
	note("ReaderFrom", ok)
	_, ok = w.(deadlines)
	note("deadlines", ok)
	_, ok = w.(fullDuplex)
	note("fullDuplex", ok)
	_, ok = w.(http.Pusher)
	note("Pusher", ok)
	_, ok = w.(io.StringWriter)
	note("StringWriter", ok)
	return strings.Join(names, " ")
}

// plain is a response without optional interfaces.
type plain struct{ header http.Header }

func (p plain) Header() http.Header       { return p.header }
func (plain) Write(b []byte) (int, error) { return len(b), nil }
func (plain) WriteHeader(int)             {}

// both has the interfaces that net/http's responses implement over HTTP/1 and HTTP/2.
type both interface {
	http.Flusher
	flushError
	closeNotifier
	deadlines
	fullDuplex
	io.StringWriter
}

// Handlers test which interfaces a response implements, so the wrapped response must implement
// exactly those of the original: with lines, without, and with bodies in them.
func TestOffersWhatThereWas(t *testing.T) {
	p := plain{header: http.Header{}}
	for name, opts := range map[string][]voicehttp.MiddlewareOption{
		"with lines": nil, "without": {voicehttp.WithoutRequestLogs()}, "with bodies": {voicehttp.WithLoggedBodies(10)},
	} {
		tel, _ := voicetest.Setup(t)
		for _, w := range []http.ResponseWriter{
			p,
			httptest.NewRecorder(),
			struct {
				plain
				http.Flusher
			}{plain: p},
			struct {
				plain
				flushError
			}{plain: p},
			struct {
				plain
				closeNotifier
			}{plain: p},
			struct {
				plain
				http.Hijacker
			}{plain: p},
			struct {
				plain
				io.ReaderFrom
			}{plain: p},
			struct {
				plain
				deadlines
			}{plain: p},
			struct {
				plain
				fullDuplex
			}{plain: p},
			struct {
				plain
				http.Pusher
			}{plain: p},
			struct {
				plain
				io.StringWriter
			}{plain: p},
			struct {
				plain
				both
			}{plain: p},
			struct {
				plain
				both
				io.ReaderFrom
			}{plain: p},
			struct {
				plain
				both
				http.Hijacker
			}{plain: p},
			struct {
				plain
				both
				io.ReaderFrom
				http.Hijacker
			}{plain: p},
			struct {
				plain
				both
				http.Pusher
			}{plain: p},
			struct {
				plain
				both
				http.Pusher
				io.ReaderFrom
			}{plain: p},
			struct {
				plain
				both
				http.Pusher
				http.Hijacker
			}{plain: p},
			struct {
				plain
				both
				http.Pusher
				io.ReaderFrom
				http.Hijacker
			}{plain: p},
			struct {
				plain
				http.Flusher
				closeNotifier
				io.ReaderFrom
				http.Hijacker
				io.StringWriter
			}{plain: p},
		} {
			got := "not served"
			voicehttp.Middleware(tel.Telemetry, opts...)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				got = offers(w)
			})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
			if want := offers(w); got != want {
				t.Errorf("%s\ngot  %s\nwant %s", name, got, want)
			}
		}
	}
}

// quiet discards the errors that servers log about their handlers.
var quiet = log.New(io.Discard, "", 0)

// server is a test server that waits for its handlers when it is closed: a handler over HTTP/2
// may still write after the client has the whole response, and [httptest.Server.Close] does not
// wait for it.
type server struct {
	*httptest.Server

	handlers *sync.WaitGroup
}

// Close closes the server and waits for the handlers, and so for the lines of their requests.
func (s server) Close() {
	s.Client().CloseIdleConnections()
	s.Server.Close()
	s.handlers.Wait()
}

// protocols starts a server for HTTP/1 and one for HTTP/2.
func protocols(t *testing.T, h http.Handler) map[string]server {
	t.Helper()
	servers := make(map[string]server, 2)
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		var handlers sync.WaitGroup
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			handlers.Add(1)
			defer handlers.Done()
			h.ServeHTTP(w, r)
		}))
		s.Config.ErrorLog = quiet
		if s.EnableHTTP2 = protocol == "HTTP/2.0"; s.EnableHTTP2 {
			s.StartTLS()
		} else {
			s.Start()
		}
		servers[protocol] = server{s, &handlers}
		t.Cleanup(servers[protocol].Close)
	}
	return servers
}

// The wrapped responses implement the interfaces of the current net/http servers.
func TestServersOffer(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	wrapped := voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if want := r.Header.Get("Offers"); offers(w) != want {
			t.Errorf("%s\ngot  %s\nwant %s", r.Proto, offers(w), want)
		}
		c := http.NewResponseController(w)
		_, err := fmt.Fprint(w, r.Proto)
		if err := errors.Join(err, c.EnableFullDuplex(), c.SetReadDeadline(time.Time{}), c.SetWriteDeadline(time.Time{}), c.Flush()); err != nil {
			t.Errorf("%s: %v", r.Proto, err)
		}
	}))
	for protocol, s := range protocols(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Offers", offers(w))
		wrapped.ServeHTTP(w, r)
	})) {
		if _, body := get(t, s.Server, "/", nil); body != protocol {
			t.Errorf("%s is answered with %q", protocol, body)
		}
	}
}

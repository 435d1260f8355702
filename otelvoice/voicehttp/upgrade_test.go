// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// Span, metric and line of a connection that was taken over have the status that was written
// there, whichever way. Libraries other than these are tested in examples/routers.
func TestUpgrades(t *testing.T) {
	const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = rw.WriteString(switching)
		_ = rw.Flush()
	}))
	defer upstream.Close()
	target, err := url.Parse(upstream.URL)
	if err != nil {
		t.Fatal(err)
	}
	take := func(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter) {
		conn, rw, err := w.(http.Hijacker).Hijack() // That it is one is part of the test.
		if err != nil {
			t.Error(err)
		}
		return conn, rw
	}
	for _, tt := range []struct {
		name    string
		method  string
		handler http.HandlerFunc
		want    string // Status; "-" is unknown.
		answer  string
	}{
		{"through the buffer", http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
			conn, rw := take(w)
			defer func() { _ = conn.Close() }()
			_, _ = rw.WriteString(switching)
			_ = rw.Flush()
		}, "101", "101"},
		{"through the buffer, from a reader", http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
			conn, rw := take(w)
			defer func() { _ = conn.Close() }()
			_, _ = rw.ReadFrom(strings.NewReader(switching))
			_ = rw.Flush()
		}, "101", "101"},
		{"to the connection", http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
			conn, _ := take(w)
			defer func() { _ = conn.Close() }()
			_, _ = io.WriteString(conn, switching)
		}, "101", "101"},
		{"by its header", http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "echo")
			w.WriteHeader(http.StatusSwitchingProtocols)
			conn, _ := take(w)
			_ = conn.Close()
		}, "101", "101"},
		{"by a proxy", http.MethodGet, httputil.NewSingleHostReverseProxy(target).ServeHTTP, "101", "101"},
		{"refused after it was taken over", http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
			conn, rw := take(w)
			defer func() { _ = conn.Close() }()
			_, _ = rw.WriteString("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
			_ = rw.Flush()
		}, "403", "403"},
		{"refused before", http.MethodGet, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusBadRequest) }, "400", "400"},
		{"a tunnel", http.MethodConnect, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusOK)
			conn, _ := take(w)
			_ = conn.Close()
		}, "200", "200"},
		{"taken over after all and answered", http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
			conn, rw := take(w)
			defer func() { _ = conn.Close() }()
			_, _ = rw.WriteString(switching)
			_ = rw.Flush()
			w.WriteHeader(http.StatusBadGateway) // Which net/http refuses.
		}, "101", "101"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			mux := http.NewServeMux()
			mux.HandleFunc("/talk/{id}", tt.handler)
			handler, ended := voicehttp.Middleware(tel.Telemetry)(mux), make(chan struct{})
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer close(ended)
				handler.ServeHTTP(w, r)
			}))
			s.Config.ErrorLog = quiet
			s.Start()
			defer s.Close()
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			if _, err := fmt.Fprintf(conn, "%s /talk/1 HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: echo\r\n\r\n", tt.method); err != nil {
				t.Fatal(err)
			}
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			_ = conn.Close()
			<-ended
			if !strings.HasPrefix(res.Status, tt.answer) {
				t.Errorf("answered %s", res.Status)
			}
			want := "/talk/{id} " + tt.want + " -"
			if got := seen(rec.Spans()[0].Attributes()); got != want {
				t.Errorf("the span says %s, want %s", got, want)
			}
			if says, _ := durations(t, rec, "http.server.request.duration"); len(says) != 1 || says[0] != want {
				t.Errorf("the metric says %q, want %q", says, want)
			}
			if status, _ := lastLine(t, rec); fmt.Sprint(status) != tt.want {
				t.Errorf("the line says %v, want %s", status, tt.want)
			}
		})
	}
}

// A connection that is taken over is the server's own: handlers go by its type.
func TestUpgradedConnection(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	kinds := make(chan string, 2)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		kinds <- fmt.Sprintf("%T, read %d of %d, write %d of %d", conn, rw.Reader.Buffered(), rw.Reader.Size(), rw.Writer.Buffered(), rw.Writer.Size())
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		_ = conn.Close()
	})
	for _, h := range []http.Handler{handler, voicehttp.Middleware(tel.Telemetry)(handler)} {
		s := httptest.NewServer(h)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		s.Close()
	}
	if bare, wrapped := <-kinds, <-kinds; bare != wrapped {
		t.Errorf("bare    %s\nwrapped %s", bare, wrapped)
	}
}

// What a response's methods return behind the middleware is what they return without it.
func TestResultsOfResponses(t *testing.T) {
	for _, tt := range []struct {
		name string
		use  func(w http.ResponseWriter, c *http.ResponseController) error
	}{
		{"flush", func(_ http.ResponseWriter, c *http.ResponseController) error { return c.Flush() }},
		{"flush after the write deadline", func(w http.ResponseWriter, c *http.ResponseController) error {
			if err := c.SetWriteDeadline(time.Now().Add(-time.Second)); err != nil {
				return err
			}
			_, _ = io.WriteString(w, strings.Repeat("a", 1<<20))
			return c.Flush()
		}},
		{"write after the write deadline", func(w http.ResponseWriter, c *http.ResponseController) error {
			_ = c.SetWriteDeadline(time.Now().Add(-time.Second))
			_, err := io.WriteString(w, strings.Repeat("a", 1<<20))
			return err
		}},
		{"read after the read deadline", func(_ http.ResponseWriter, c *http.ResponseController) error {
			return c.SetReadDeadline(time.Now().Add(-time.Second))
		}},
		{"full duplex", func(_ http.ResponseWriter, c *http.ResponseController) error { return c.EnableFullDuplex() }},
		{"hijack after a write", func(w http.ResponseWriter, c *http.ResponseController) error {
			_, _ = io.WriteString(w, "hello")
			conn, _, err := c.Hijack()
			if err == nil {
				_ = conn.Close()
			}
			return err
		}},
		{"write after hijack", func(w http.ResponseWriter, c *http.ResponseController) error {
			conn, _, err := c.Hijack()
			if err != nil {
				return err
			}
			defer func() { _ = conn.Close() }()
			_, err = io.WriteString(w, "hello")
			return err
		}},
		{"hijack twice", func(_ http.ResponseWriter, c *http.ResponseController) error {
			conn, _, err := c.Hijack()
			if err != nil {
				return err
			}
			defer func() { _ = conn.Close() }()
			_, _, err = c.Hijack()
			return err
		}},
		{"push", func(w http.ResponseWriter, _ *http.ResponseController) error {
			if p, ok := w.(http.Pusher); ok {
				return p.Push("/a", nil)
			}
			return http.ErrNotSupported
		}},
		{"body where there is none", func(w http.ResponseWriter, _ *http.ResponseController) error {
			w.WriteHeader(http.StatusNoContent)
			_, err := io.WriteString(w, "hello")
			return err
		}},
		{"more than announced", func(w http.ResponseWriter, _ *http.ResponseController) error {
			w.Header().Set("Content-Length", "2")
			_, err := io.WriteString(w, "hello")
			return err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, _ := voicetest.Setup(t)
			errs := make(chan error, 1)
			handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				errs <- tt.use(w, http.NewResponseController(w))
			})
			results := map[string][]string{}
			for _, h := range []http.Handler{handler, voicehttp.Middleware(tel.Telemetry)(handler)} {
				for protocol, s := range protocols(t, h) {
					req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, http.NoBody)
					if err != nil {
						t.Fatal(err)
					}
					if res, err := s.Client().Do(req); err == nil {
						_, _ = io.Copy(io.Discard, res.Body) // Closed before the handler ends, the body would end the stream.
						_ = res.Body.Close()
					}
					results[protocol] = append(results[protocol], class(<-errs))
				}
			}
			for protocol, got := range results {
				if got[0] != got[1] {
					t.Errorf("%s\nbare    %s\nwrapped %s", protocol, got[0], got[1])
				}
			}
			if strings.Contains(tt.name, "flush after") && results["HTTP/1.1"][1] == "nil" {
				t.Error("a flush after the deadline returns nil")
			}
		})
	}
}

// class returns what kind of error one is; addresses differ from run to run.
func class(err error) string {
	switch {
	case err == nil:
		return "nil"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "deadline"
	}
	return err.Error()
}

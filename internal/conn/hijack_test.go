// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conn_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/voice-agents/telemetry/internal/conn"
)

// A bare writer has no optional method but Unwrap.
type bare struct{ http.ResponseWriter }

func (b bare) Unwrap() http.ResponseWriter { return b.ResponseWriter }

// serve starts a server with a tapped handler, and returns a connection to it.
func serve(t *testing.T, l *log, below func(http.ResponseWriter) http.ResponseWriter, handler http.HandlerFunc) net.Conn {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		open := func(*http.Request) *conn.Observer { return l.observer() }
		handler(conn.WrapWriter(below(w), r, open), r)
	}))
	t.Cleanup(server.Close)
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestWrapWriter(t *testing.T) {
	t.Parallel()
	same := func(w http.ResponseWriter) http.ResponseWriter { return w }
	tests := []struct {
		name  string
		below func(http.ResponseWriter) http.ResponseWriter
		reply func(w http.ResponseWriter, rw *bufio.ReadWriter, c net.Conn) // After Hijack.
		first bool                                                          // The response is written before Hijack.
	}{
		{"response by the connection", same, func(_ http.ResponseWriter, _ *bufio.ReadWriter, c net.Conn) {
			_, _ = io.WriteString(c, upgradeResponse)
		}, false},
		{"response by the buffered writer", same, func(_ http.ResponseWriter, rw *bufio.ReadWriter, _ net.Conn) {
			_, _ = rw.WriteString(upgradeResponse)
			_ = rw.Flush()
		}, false},
		{"response before Hijack", same, nil, true},
		{"middleware with Unwrap only", func(w http.ResponseWriter) http.ResponseWriter { return bare{w} }, nil, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := newLog()
			c := serve(t, l, test.below, func(w http.ResponseWriter, _ *http.Request) {
				if test.first {
					w.Header().Set("Upgrade", "websocket")
					w.Header().Set("Connection", "Upgrade")
					w.Header().Set("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
					w.WriteHeader(http.StatusSwitchingProtocols)
				}
				hijacked, rw, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer hijacked.Close()
				if test.reply != nil {
					test.reply(w, rw, hijacked)
				}
				hello := make([]byte, len(frame(text, true, "hello")))
				if _, err := io.ReadFull(rw, hello); err != nil || string(hello) != frame(text, true, "hello") {
					t.Errorf("read %q, %v", hello, err)
				}
				_, _ = rw.WriteString(frame(text, false, "world"))
				_ = rw.Flush()
			})
			// The frame arrives with the request, so that it is in the buffer of the hijacked reader.
			if _, err := io.WriteString(c, upgradeRequest+frame(text, true, "hello")); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(c)
			if err != nil || !bytesEnd(got, frame(text, false, "world")) {
				t.Errorf("the client read %q, %v", got, err)
			}
			<-l.last
			l.check(t, "handshake /chat 101", `received "hello"`, `sent "world"`, "end")
		})
	}
}

func bytesEnd(p []byte, end string) bool {
	return len(p) >= len(end) && string(p[len(p)-len(end):]) == end
}

func TestWrapWriterKeepsBufferedBytes(t *testing.T) {
	t.Parallel()
	l := newLog()
	early := frame(text, true, "early")
	buffered := make(chan int, 1)
	c := serve(t, l, func(w http.ResponseWriter) http.ResponseWriter { return w }, func(w http.ResponseWriter, _ *http.Request) {
		hijacked, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		buffered <- rw.Reader.Buffered()
		_ = hijacked.Close()
	})
	if _, err := io.WriteString(c, upgradeRequest+early); err != nil {
		t.Fatal(err)
	}
	if n := <-buffered; n != len(early) {
		t.Errorf("Buffered is %d, want %d", n, len(early))
	}
	<-l.last
	l.check(t, "end")
}

func TestWrapWriterOfOtherRequests(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	if conn.WrapWriter(w, r, nil) != http.ResponseWriter(w) {
		t.Error("the writer of a plain request was wrapped")
	}
	r.Header.Set("Upgrade", "websocket")
	wrapped := conn.WrapWriter(w, r, nil)
	if _, ok := wrapped.(http.Hijacker); ok {
		t.Error("Hijack was added")
	}
	if _, ok := wrapped.(http.Flusher); !ok {
		t.Error("Flush is missing")
	}
}

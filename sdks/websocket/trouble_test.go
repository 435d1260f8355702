// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	gorilla "github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/internal/conn"
	"github.com/voice-agents/telemetry/internal/wire/websocket"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dialer returns a dialer whose taps report to a record.
func dialer(r *record) *conn.Dialer {
	return &conn.Dialer{Open: func(context.Context, string, string) *conn.Observer { return r.observer() }}
}

func TestTapOfRefusedUpgrades(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusOK} {
		for _, l := range libraries {
			t.Run(fmt.Sprint(l.name, " ", status), func(t *testing.T) {
				t.Parallel()
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w = conn.WrapWriter(w, r, func(*http.Request) *conn.Observer {
						t.Error("the server opened a tap")
						return nil
					})
					w.WriteHeader(status)
					_, _ = io.WriteString(w, "no")
				}))
				defer server.Close()
				r := newRecord()
				if _, err := l.dial(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http"), false, dialer(r)); err == nil {
					t.Error("the dial succeeded")
				}
				<-r.last
				if r.foreign == nil || r.foreign.Reason != websocket.ReasonRefused || r.foreign.Response.StatusCode != status {
					t.Errorf("foreign is %+v", r.foreign)
				}
			})
		}
	}
}

func TestTapOfHTTP(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
	}))
	defer server.Close()
	r := newRecord()
	var lock sync.Mutex
	dials := 0
	d := &conn.Dialer{Open: func(context.Context, string, string) *conn.Observer {
		lock.Lock()
		defer lock.Unlock()
		dials++
		return r.observer()
	}}
	transport := &http.Transport{DialContext: d.DialContext}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for i := range 5 {
		body := strings.Repeat(fmt.Sprint(i), 100_000)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || string(got) != body {
			t.Fatalf("request %d: %d bytes, %v", i, len(got), err)
		}
	}
	<-r.last
	if dials != 1 || r.foreign == nil || r.foreign.Reason != websocket.ReasonHTTP {
		t.Errorf("%d dials, foreign %+v", dials, r.foreign)
	}
}

// gorilla/websocket does TLS above NetDialContext, if NetDialTLSContext is not set.
func TestTapBelowTLS(t *testing.T) {
	t.Parallel()
	url, config, end := echo(libraries[0], false, true, func(*http.Request) *conn.Observer { return nil })
	defer end()
	r := newRecord()
	g := gorilla.Dialer{NetDialContext: dialer(r).DialContext, TLSClientConfig: config}
	c, response, err := g.DialContext(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	s := gorillaSocket{c}
	converse(t, s)
	if err := s.close(); err != nil {
		t.Error(err)
	}
	<-r.last
	if r.foreign == nil || r.foreign.Reason != websocket.ReasonEncrypted {
		t.Errorf("foreign is %+v", r.foreign)
	}
}

func TestTapOfFailedDials(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	for _, l := range libraries {
		for _, scheme := range []string{"ws", "wss"} {
			r := newRecord()
			d := dialer(r)
			d.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, refused }
			if _, err := l.dial(t.Context(), scheme+"://127.0.0.1:1/", false, d); !errors.Is(err, refused) {
				t.Errorf("%s: the dial returned %v", l.name, err)
			}
			<-r.last
			if r.end == nil || !errors.Is(r.end.Err, refused) {
				t.Errorf("%s: end is %+v", l.name, r.end)
			}
		}
	}
}

func TestTapOfConnectionsThatDie(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		last func(c *net.TCPConn) // What the server does after its first message.
	}{
		{"in mid-frame", func(c *net.TCPConn) {
			_, _ = c.Write(frame(fin|text, false, "cut off")[:5])
			_ = c.Close()
		}},
		{"between fragments", func(c *net.TCPConn) {
			_, _ = c.Write(frame(text, false, "half"))
			_ = c.Close()
		}},
		{"half-closed", func(c *net.TCPConn) {
			_ = c.CloseWrite()
			_, _ = io.Copy(io.Discard, c)
			_ = c.Close()
		}},
		{"by a reset", func(c *net.TCPConn) {
			_ = c.SetLinger(0)
			_ = c.Close()
		}},
	}
	for _, test := range tests {
		for _, l := range libraries {
			t.Run(test.name+", "+l.name, func(t *testing.T) {
				t.Parallel()
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					c, err := (&gorilla.Upgrader{}).Upgrade(w, r, nil)
					if err != nil {
						t.Error(err)
						return
					}
					_ = c.WriteMessage(gorilla.TextMessage, []byte("hello"))
					_, _, _ = c.ReadMessage()             // So that the client has read before a reset.
					test.last(c.NetConn().(*net.TCPConn)) //nolint:forcetypeassert // The server listens on TCP.
				}))
				defer server.Close()
				r := newRecord()
				s, err := l.dial(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http"), false, dialer(r))
				if err != nil {
					t.Fatal(err)
				}
				if _, data, err := s.read(); err != nil || string(data) != "hello" {
					t.Fatalf("read %q, %v", data, err)
				}
				_ = s.write(false, []byte("go"))
				for range 2 { // coder/websocket takes a half message for a whole one.
					_, _, err = s.read()
					if err != nil {
						break
					}
				}
				if err == nil {
					t.Error("the read succeeded")
				}
				<-r.last
				if r.end == nil || r.end.Err == nil || len(r.received) != 1 || len(r.sent) != 1 || len(r.violations) != 0 {
					t.Errorf("end %+v, received %q, sent %q, violations %v", r.end, r.received, r.sent, r.violations)
				}
				_ = s.close()
			})
		}
	}
}

func TestTapWithPanickingObserver(t *testing.T) {
	t.Parallel()
	for _, l := range libraries {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			messages, ends := make(chan struct{}, 100), make(chan struct{}, 2)
			observer := &conn.Observer{
				Message: func(conn.Message) { messages <- struct{}{}; panic("boom") },
				End:     func(conn.End) { ends <- struct{}{} },
			}
			url, _, end := echo(l, false, false, func(*http.Request) *conn.Observer { return observer })
			defer end()
			d := &conn.Dialer{Open: func(context.Context, string, string) *conn.Observer { return observer }}
			s, err := l.dial(t.Context(), url, false, d)
			if err != nil {
				t.Fatal(err)
			}
			converse(t, s)
			if err := s.close(); err != nil {
				t.Error(err)
			}
			<-ends
			<-ends
			if len(messages) > 4 { // Each side reads and writes, and may be in both when it panics.
				t.Errorf("%d messages were reported", len(messages))
			}
		})
	}
}

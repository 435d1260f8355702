// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conn_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/voice-agents/telemetry/internal/conn"
)

// The example of RFC 6455, section 1.3.
const (
	upgradeRequest = "GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
	upgradeResponse = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)

// frame returns a frame of up to 64 KiB, masked with zeros if a client sends it.
func frame(first byte, client bool, payload string) string {
	var bit byte
	if client {
		bit = 0x80
	}
	n := len(payload)
	head := []byte{first, bit | byte(n)}
	if n > 125 {
		head = []byte{first, bit | 126, byte(n >> 8), byte(n)}
	}
	if client {
		head = append(head, 0, 0, 0, 0)
	}
	return string(head) + payload
}

// The first bytes of frames.
const (
	text       = 0x81
	closeFrame = 0x88
	ping       = 0x89
	pong       = 0x8A
)

// A log is what an observer was called with.
type log struct {
	lock  sync.Mutex
	lines []string
	last  chan struct{} // Closed by End.
}

func newLog() *log { return &log{last: make(chan struct{})} }

func (l *log) add(format string, args ...any) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func direction(sent bool) string {
	if sent {
		return "sent"
	}
	return "received"
}

func (l *log) observer() *conn.Observer {
	return &conn.Observer{
		Handshake: func(h conn.Handshake) {
			l.add("handshake %s %d", h.Request.URL.Path, h.Response.StatusCode)
			if h.Connect < 0 {
				l.add("negative connect")
			}
		},
		Foreign: func(f conn.Foreign) { l.add("foreign %s", f.Reason) },
		Message: func(m conn.Message) { l.add("%s %q", direction(m.Sent), m.Data) },
		RoundTrip: func(r conn.RoundTrip) {
			l.add("round trip of ping %s", direction(r.Sent))
			if r.Duration < 0 {
				l.add("negative round trip")
			}
		},
		Close:     func(c conn.Close) { l.add("close %s %d %q, first %v", direction(c.Sent), c.Code, c.Reason, c.First) },
		Violation: func(v conn.Violation) { l.add("violation %s %s", direction(v.Sent), v.Class) },
		End: func(e conn.End) {
			switch {
			case e.Err == nil:
				l.add("end")
			case errors.Is(e.Err, io.EOF):
				l.add("end: EOF")
			default:
				l.add("end: error")
			}
			close(l.last)
		},
	}
}

// check compares the calls.
func (l *log) check(t *testing.T, want ...string) {
	t.Helper()
	l.lock.Lock()
	defer l.lock.Unlock()
	if !slices.Equal(l.lines, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(l.lines, "\n"), strings.Join(want, "\n"))
	}
}

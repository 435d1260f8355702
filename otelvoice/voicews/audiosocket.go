// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews

import (
	"net"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audiosocket"
	"github.com/voice-agents/telemetry/internal/wire/tap"
)

// AudioSocket returns a connection in place of one that Asterisk opened to the program, for its protocol
// AudioSocket over TCP. The session starts with the first message, which has the UUID of the call, and the
// call ends when the connection is closed or broken. With a nil Call, AudioSocket returns conn.
func (c *Call) AudioSocket(conn net.Conn) net.Conn {
	if c == nil || conn == nil {
		return conn
	}
	a := &audioSocket{Conn: conn, call: c}
	a.decoder = audiosocket.New(func(e *wire.Event) { a.events.Event(e) })
	a.decoder.Content = c.call.Content()
	a.events = c.call.Connect(c.call.Context(), &wire.Request{Stage: wire.Line, Provider: "audiosocket"}, time.Time{})
	a.events.Opened("")
	return a
}

// An audioSocket is a connection whose bytes are decoded as they pass.
type audioSocket struct {
	net.Conn

	call   *Call
	events tap.Connection

	mu      sync.Mutex
	decoder *audiosocket.Decoder
	ended   bool
	isOff   bool
}

// Read reads from the connection.
func (a *audioSocket) Read(p []byte) (int, error) {
	n, err := a.Conn.Read(p)
	a.passed(false, p, n)
	if err != nil && !isTimeout(err) {
		a.end(tap.ByPeer)
	}
	return n, err
}

// Write writes to the connection.
func (a *audioSocket) Write(p []byte) (int, error) {
	n, err := a.Conn.Write(p)
	a.passed(true, p, n)
	return n, err
}

// Close closes the connection.
func (a *audioSocket) Close() error {
	err := a.Conn.Close()
	a.end(tap.ByAgent)
	return err
}

func (a *audioSocket) passed(sent bool, p []byte, n int) {
	if n <= 0 || n > len(p) { // A defective connection may return a wrong n.
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended || a.isOff {
		return
	}
	defer func() {
		if recover() != nil { // A fault of the decoder.
			a.isOff = true
		}
	}()
	a.decoder.Feed(sent, p[:n])
}

func (a *audioSocket) end(by tap.Side) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended {
		return
	}
	a.ended = true
	a.decoder.Closed()
	a.events.Measured(&tap.Measures{ClosedBy: by})
	a.events.Closed(nil)
	a.call.End()
}

func isTimeout(err error) bool {
	t, ok := err.(interface{ Timeout() bool })
	return ok && t.Timeout()
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews

import (
	"net"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audiosocket"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/timedlock"
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
	a.events = c.call.Connect(&wire.Request{Stage: wire.Line, Provider: "audiosocket"}, time.Time{})
	a.events.Opened("")
	return a
}

// An audioSocket is a connection whose bytes are decoded as they pass.
type audioSocket struct {
	net.Conn

	call   *Call
	events *assembler.Connection

	closing, ended atomic.Bool

	lock    timedlock.Lock
	decoder *audiosocket.Decoder
	isOff   bool // After a fault of the decoder.
}

// Read reads from the connection.
func (a *audioSocket) Read(p []byte) (int, error) {
	n, err := a.Conn.Read(p)
	a.passed(false, p, n)
	if err != nil && !isTimeout(err) {
		by := assembler.ByPeer
		if a.closing.Load() {
			by = assembler.ByAgent
		}
		a.end(by)
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
	a.closing.Store(true) // Before a read fails because of it.
	err := a.Conn.Close()
	a.end(assembler.ByAgent)
	return err
}

func (a *audioSocket) passed(sent bool, p []byte, n int) {
	if n <= 0 || n > len(p) { // A defective connection may return a wrong n.
		return
	}
	if a.ended.Load() || !a.lock.Acquire() {
		return
	}
	defer a.lock.Release()
	if a.isOff {
		return
	}
	defer func() {
		if recover() != nil { // A fault of the decoder.
			a.isOff = true
		}
	}()
	a.decoder.Feed(sent, p[:n])
}

func (a *audioSocket) end(by assembler.Side) {
	if !a.ended.CompareAndSwap(false, true) {
		return
	}
	if a.lock.Acquire() { // Else a message is being decoded that has called back.
		a.decoder.Closed()
		a.lock.Release()
	}
	a.events.Measured(&assembler.Measures{ClosedBy: by})
	a.events.Closed(nil)
	a.call.End()
}

func isTimeout(err error) bool {
	t, ok := err.(interface{ Timeout() bool })
	return ok && t.Timeout()
}

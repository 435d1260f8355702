// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
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
	a := &audioSocket{Conn: conn, call: c, started: time.Now()}
	a.lock.Join(c.call.Locks())
	a.decoder = audiosocket.New(func(e *wire.Event) { a.events.Event(e) })
	a.decoder.Content = c.call.Content()
	a.events = c.call.Connect(&wire.Request{Stage: wire.Line, Provider: "audiosocket"}, a.started)
	a.events.Opened("")
	return a
}

// An audioSocket is a connection whose bytes are decoded as they pass.
type audioSocket struct {
	net.Conn

	call    *Call
	events  *assembler.Connection
	started time.Time

	closing, ended atomic.Bool
	unwritten      atomic.Pointer[error] // The first error of a write.

	received, sent pending

	lock     timedlock.Lock
	decoder  *audiosocket.Decoder
	isOff    bool // After a fault of the decoder, or after bytes that are missing.
	measures assembler.Measures
}

// Read reads from the connection.
func (a *audioSocket) Read(p []byte) (int, error) {
	n, err := a.Conn.Read(p)
	a.passed(false, p, n)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		a.end(err)
	}
	return n, err
}

// Write writes to the connection.
func (a *audioSocket) Write(p []byte) (int, error) {
	n, err := a.Conn.Write(p)
	a.passed(true, p, n)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && !a.closing.Load() {
		// A read may say that the peer has hung up.
		a.unwritten.CompareAndSwap(nil, &err)
	}
	return n, err
}

// Close closes the connection.
func (a *audioSocket) Close() error {
	a.closing.Store(true) // Before a read fails because of it.
	err := a.Conn.Close()
	a.end(nil)
	return err
}

// A pending is the bytes of a direction that have passed and are not decoded, while the lock is held for long. A frame
// has no mark at which it begins, so that none of them may be missing.
type pending struct {
	lock  sync.Mutex
	bytes []byte
	lost  bool // There were too many.
}

// maxPending is half a minute of audio at 16 kHz.
const maxPending = 1 << 20

func (q *pending) add(p []byte) {
	q.lock.Lock()
	defer q.lock.Unlock()
	if len(q.bytes)+len(p) > maxPending {
		q.lost = true
		return
	}
	q.bytes = append(q.bytes, p...)
}

// take returns the bytes, and whether there are all of them.
func (q *pending) take() (p []byte, isWhole bool) {
	q.lock.Lock()
	defer q.lock.Unlock()
	p, q.bytes = q.bytes, nil
	return p, !q.lost
}

func (a *audioSocket) passed(sent bool, p []byte, n int) {
	if n <= 0 || n > len(p) || a.ended.Load() { // A defective connection may return a wrong n.
		return
	}
	if !a.lock.Acquire() {
		q := &a.received
		if sent {
			q = &a.sent
		}
		q.add(p[:n])
		return
	}
	defer a.lock.Release()
	a.decodePending()
	a.decode(sent, p[:n])
}

func (a *audioSocket) decodePending() {
	received, isWhole := a.received.take()
	sent, areBoth := a.sent.take()
	if !isWhole || !areBoth {
		a.events.Missed(1)
		a.isOff = true
		return
	}
	a.decode(false, received)
	a.decode(true, sent)
}

// decode decodes bytes. A fault of the decoder is recovered. The lock is held.
func (a *audioSocket) decode(sent bool, p []byte) {
	if len(p) == 0 {
		return
	}
	if sent {
		a.measures.BytesSent += len(p)
	} else {
		a.measures.BytesReceived += len(p)
	}
	if a.isOff {
		return
	}
	a.guard(func() { a.decoder.Feed(sent, p) })
	a.measures.MessagesSent, a.measures.MessagesReceived = a.decoder.Frames()
	if a.measures.FirstMessage == 0 && a.measures.MessagesReceived > 0 {
		a.measures.FirstMessage = time.Since(a.started)
	}
}

func (a *audioSocket) guard(f func()) {
	defer func() {
		if recover() != nil {
			a.isOff = true
		}
	}()
	f()
}

// end ends the line, and with it the call. The error is that of a read, or nil if the program closed the connection.
func (a *audioSocket) end(err error) {
	if !a.ended.CompareAndSwap(false, true) {
		return
	}
	isCut := false
	var measures assembler.Measures
	if a.lock.Acquire() { // Else a message is being decoded that has called back.
		a.decodePending()
		isCut = a.decoder.IsCut()
		a.guard(a.decoder.Closed)
		measures = a.measures
		a.lock.Release()
	}
	measures.ClosedBy, err = a.cause(err, isCut)
	a.events.Measured(&measures)
	a.events.Closed(err)
	a.call.End()
}

// cause returns who ended the connection, and the error that broke it. Asterisk hangs up by a frame, or by closing the
// connection after a whole frame.
func (a *audioSocket) cause(err error, isCut bool) (assembler.Side, error) {
	switch unwritten := a.unwritten.Load(); {
	case a.closing.Load() && unwritten != nil:
		return assembler.ByNetwork, *unwritten
	case a.closing.Load():
		return assembler.ByAgent, nil
	case errors.Is(err, io.EOF) && isCut:
		return assembler.ByNetwork, io.ErrUnexpectedEOF
	case errors.Is(err, io.EOF):
		return assembler.ByPeer, nil
	}
	return assembler.ByNetwork, err
}

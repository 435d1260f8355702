// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conn

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/internal/wire/websocket"
)

// A Side says at which end of a connection the program is.
type Side bool

// The sides.
const (
	Dialled  Side = false // The program is the client.
	Accepted Side = true  // The program is the server.
)

// What a tap does with the bytes that pass. The end of the connection is reported in any case.
const (
	followAll      int32 = iota // It decodes them.
	followRequests              // It waits for another request: the client may use the connection again.
	followNothing               // The connection is not a WebSocket, or an observer has panicked.
)

// A tap decodes both directions of a connection.
type tap struct {
	observer *Observer
	started  time.Time
	life     life

	// The handshake belongs to both directions. upgraded is set when it is over.
	handshakeLock sync.Mutex
	handshake     websocket.Handshake
	upgraded      atomic.Bool
	following     atomic.Int32 // A follow….

	read, written direction

	pings  pings
	closed atomic.Bool // A close frame was reported.
}

// A direction is one direction of a tap. The lock is held while bytes are decoded.
type direction struct {
	sent     bool // The program writes the bytes.
	isClient bool // The client sends the bytes.

	lock    sync.Mutex
	decoder *websocket.Decoder
	at      time.Time // When the current bytes passed.

	// Bytes after a head which the other direction's goroutine completed.
	pendingLock sync.Mutex
	pending     []byte
	hasPending  atomic.Bool
}

// newTap returns a tap.
func newTap(observer *Observer, side Side, started time.Time) *tap {
	t := &tap{observer: observer, started: started}
	t.read.isClient = side == Accepted
	t.written.isClient = side == Dialled
	t.written.sent = true
	return t
}

// feed reads bytes that passed.
func (t *tap) feed(d *direction, p []byte) {
	if len(p) == 0 || t.following.Load() != followAll || !t.life.enter() {
		return
	}
	defer t.leave()
	d.lock.Lock()
	t.decode(d, p)
	t.drain(&t.read)
	t.drain(&t.written)
}

// drain decodes the bytes that a direction kept until the other direction completed the handshake.
// If the direction is at work, it drains itself afterwards.
func (t *tap) drain(d *direction) {
	for t.upgraded.Load() && d.hasPending.Load() && d.lock.TryLock() {
		t.decode(d, nil)
	}
}

// decode reads bytes. The caller has locked the direction, and decode unlocks it.
func (t *tap) decode(d *direction, p []byte) {
	defer d.lock.Unlock()
	d.at = time.Now()
	if !t.upgraded.Load() {
		var isOver bool
		if p, isOver = t.shake(d, p); !isOver {
			return
		}
	}
	if d.hasPending.Load() {
		d.decoder.Feed(d.takePending())
	}
	d.decoder.Feed(p)
}

// shake reads bytes of the handshake. It returns the bytes that are frames, and whether the
// handshake has ended with an upgrade.
func (t *tap) shake(d *direction, p []byte) ([]byte, bool) {
	t.handshakeLock.Lock()
	defer t.handshakeLock.Unlock()
	if t.upgraded.Load() || t.handshake.State() == websocket.Foreign {
		return p, t.upgraded.Load()
	}
	switch {
	case d.isClient:
		t.handshake.FeedClient(p)
		p = nil
		server := &t.read
		if d == server {
			server = &t.written
		}
		if t.handshake.Request() != nil && server.hasPending.Load() {
			// The response was read before the write of the request returned.
			server.addPending(t.handshake.FeedServer(server.takePending()))
		}
	case t.handshake.Request() == nil:
		d.addPending(p)
		if d.pendingSize() > websocket.MaxHead {
			t.foreign(websocket.ReasonGarbage, d.at)
		}
		return nil, false
	default:
		p = t.handshake.FeedServer(p)
	}
	return p, t.settle(d.at)
}

// settle reports the end of the handshake. It returns whether frames follow.
func (t *tap) settle(at time.Time) bool {
	switch t.handshake.State() {
	case websocket.Pending:
	case websocket.Foreign:
		t.foreign(t.handshake.Reason(), at)
	case websocket.Upgraded:
		client, server := &t.read, &t.written
		if t.written.isClient {
			client, server = server, client
		}
		client.decoder = websocket.NewDecoder(t.handshake.ClientFrames(), func(e *websocket.Event) { t.event(client, e) })
		server.decoder = websocket.NewDecoder(t.handshake.ServerFrames(), func(e *websocket.Event) { t.event(server, e) })
		client.addPending(t.handshake.TakeEarly())
		if t.observer.Handshake != nil {
			response := t.handshake.Response() //nolint:bodyclose // It has no body.
			t.observer.Handshake(Handshake{
				Request: t.handshake.Request(), Response: response, At: at, Connect: at.Sub(t.started),
			})
		}
		t.handshake = websocket.Handshake{}
		t.upgraded.Store(true)
		return true
	}
	return false
}

// foreign reports that the connection is not a WebSocket, and stops to decode it.
func (t *tap) foreign(reason string, at time.Time) {
	t.following.Store(followNothing)
	if t.written.isClient && (reason == websocket.ReasonHTTP || reason == websocket.ReasonRefused) {
		t.following.Store(followRequests)
	}
	if t.observer.Foreign != nil {
		response := t.handshake.Response() //nolint:bodyclose // It has no body.
		t.observer.Foreign(Foreign{
			Reason: reason, Request: t.handshake.Request(), Response: response,
			At: at, Connect: at.Sub(t.started),
		})
	}
}

// unanswered reports a handshake that the server has not answered when the connection ends.
func (t *tap) unanswered(at time.Time) {
	defer func() { _ = recover() }()
	t.handshakeLock.Lock()
	defer t.handshakeLock.Unlock()
	if t.following.Load() == followAll && !t.upgraded.Load() && t.handshake.State() == websocket.Pending && t.handshake.Request() != nil {
		t.foreign(websocket.ReasonSilent, at)
	}
}

// event reports an event of a decoder.
func (t *tap) event(d *direction, e *websocket.Event) {
	switch o := t.observer; e.Kind {
	case websocket.Message:
		if o.Message != nil {
			o.Message(Message{
				Sent: d.sent, Binary: e.Binary, Skipped: e.Skipped, InvalidText: e.InvalidText,
				Size: e.Size, Data: e.Data, At: d.at,
			})
		}
	case websocket.Ping:
		t.pings.add(d.sent, e.Data, d.at)
	case websocket.Pong:
		if took, ok := t.pings.answer(!d.sent, e.Data, d.at); ok && o.RoundTrip != nil {
			o.RoundTrip(RoundTrip{Sent: !d.sent, At: d.at, Duration: took})
		}
	case websocket.Close:
		first := !t.closed.Swap(true)
		if o.Close != nil {
			o.Close(Close{Sent: d.sent, First: first, Code: e.Code, Reason: string(e.Data), At: d.at})
		}
	case websocket.Error:
		if o.Violation != nil {
			o.Violation(Violation{Sent: d.sent, Class: e.Class, At: d.at})
		}
	}
}

// result reads the result of a Read or Write of n bytes: the bytes, then the error.
func (t *tap) result(d *direction, p []byte, n int, err error) {
	t.feed(d, p[:min(max(n, 0), len(p))]) // A faulty connection may return any number.
	t.failed(err)
}

// failed reads the error of a Read or Write.
func (t *tap) failed(err error) {
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		t.end(err)
	}
}

// end reports the end of the connection.
func (t *tap) end(err error) {
	if t.life.end(err) {
		t.leave()
	}
}

// leave ends the use of the tap by a call of feed. The last call reports the end. It recovers a
// panic of an observer, after which the end is all that is reported.
func (t *tap) leave() {
	if recover() != nil {
		t.following.Store(followNothing)
	}
	last, end := t.life.leave()
	if !last {
		return
	}
	t.read.stop()
	t.written.stop()
	if end != nil && t.written.isClient {
		t.unanswered(end.At)
	}
	if end != nil && t.observer.End != nil {
		defer func() { _ = recover() }()
		t.observer.End(*end)
	}
}

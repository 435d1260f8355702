// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/internal/conn"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/vendors"
	"github.com/voice-agents/telemetry/internal/wire/websocket"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/timedlock"
)

// A socket decodes the messages of one connection and hands the events to its call.
type socket struct {
	find   find
	dialer *Dialer // Nil for an accepted connection.
	// accepted is the call that ends with the connection, or nil.
	accepted *assembler.Call
	// isRefused is true if the program refused the upgrade after it took the connection over.
	isRefused atomic.Bool

	lock     timedlock.Lock        // Messages of both directions come at the same time.
	ending   atomic.Pointer[error] // An end that has not been recorded.
	missed   atomic.Int32          // Messages that did not get the lock.
	call     *assembler.Call       // Nil if there is none.
	conn     *assembler.Connection
	decoder  wire.Connection
	started  time.Time
	measures assembler.Measures
}

// observer returns what a tap calls.
func (s *socket) observer(ctx context.Context) *conn.Observer {
	if s.call != nil {
		s.lock.Join(s.call.Locks())
	}
	return &conn.Observer{
		Handshake: func(h conn.Handshake) { s.do(func() { s.opened(ctx, &h) }) },
		Foreign:   func(f conn.Foreign) { s.do(func() { s.refused(ctx, &f) }) },
		Message:   s.passed,
		RoundTrip: func(r conn.RoundTrip) { s.do(func() { s.roundTrip(r.Duration) }) },
		Close:     func(c conn.Close) { s.do(func() { s.closing(&c) }) },
		Violation: func(v conn.Violation) { s.do(func() { s.notUnderstood(v.Class) }) },
		End: func(e conn.End) {
			s.ending.Store(&e.Err) // For what holds the lock, if it cannot be taken.
			s.do(func() {})
		},
	}
}

func (s *socket) do(f func()) {
	if !s.lock.Acquire() {
		return
	}
	defer s.release()
	f()
}

// passed takes a message. It is do without a closure, because most calls are for messages.
func (s *socket) passed(m conn.Message) {
	if !s.lock.Acquire() {
		s.missed.Add(1)
		return
	}
	defer s.release()
	s.message(&m)
}

// release gives the lock back, after it recorded an end that did not get the lock.
func (s *socket) release() {
	defer s.lock.Release()
	if s.ending.Load() == nil {
		return
	}
	if err := s.ending.Swap(nil); err != nil {
		s.ended(*err)
	}
}

// target returns what is known of a connection from its handshake.
func (s *socket) target(r *http.Request) *wire.Target {
	address := r.Host // Empty if a client sends the host of the URL.
	if address == "" {
		address = r.URL.Host
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port = address, ""
	}
	return &wire.Target{
		Method: r.Method, Host: strings.ToLower(host), Port: port, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header,
	}
}

// opened finds the decoder of a connection that is open.
func (s *socket) opened(ctx context.Context, h *conn.Handshake) {
	s.started = h.At.Add(-h.Connect)
	if !s.connect(ctx, h.Request) {
		return
	}
	if s.dialer == nil { // The response is the program's.
		s.conn.Opened("")
		return
	}
	s.conn.Opened(vendors.RequestID(h.Response.Header))
}

// connect reports the connection to its call. It returns false if the connection is not recorded.
func (s *socket) connect(ctx context.Context, r *http.Request) bool {
	target := s.target(r)
	if s.call != nil {
		target.Content = s.call.Content()
	}
	s.decoder = s.find(target, s.event)
	if s.decoder == nil {
		return false
	}
	if s.call == nil {
		if !s.begin(ctx, s.decoder.Asks().Stage) {
			s.dialer.outside(ctx, target.Host)
			s.decoder = nil
			return false
		}
		target.Content = s.call.Content()
	}
	s.conn = s.call.Connect(s.decoder.Asks(), s.started) //nolint:contextcheck // The session's is that of the call.
	return true
}

// begin makes the call of a connection that has none: that of the program's session, else a new one for a
// speech-to-speech model.
func (s *socket) begin(ctx context.Context, stage wire.Stage) bool {
	cfg := s.dialer.config.call
	switch session := otelvoice.SessionFromContext(ctx); {
	case session != nil: // Its program has turns of its own.
		cfg.Session, cfg.ProgramTurns = session, true
		s.call = assembler.New(ctx, cfg)
	case stage == wire.Realtime:
		s.accepted = assembler.New(ctx, cfg)
		s.call = s.accepted
	default:
		return false
	}
	return true
}

// event hands an event to the call.
func (s *socket) event(e *wire.Event) { s.conn.Event(e) }

// refused reports a connection that was not opened: the provider refused the handshake, or what passes
// is not a WebSocket.
func (s *socket) refused(ctx context.Context, f *conn.Foreign) {
	s.started = f.At.Add(-f.Connect)
	if s.dialer != nil {
		switch f.Reason {
		case websocket.ReasonEncrypted:
			s.dialer.encrypted(ctx)
		case websocket.ReasonTunnel:
			s.dialer.tunnelled(ctx)
		}
	}
	s.isRefused.Store(f.Reason == websocket.ReasonRefused)
	failure := &handshakeError{}
	if f.Response != nil {
		failure.status = f.Response.StatusCode
	}
	if s.dialer == nil || f.Request == nil || f.Reason != websocket.ReasonSilent && failure.status < http.StatusBadRequest {
		return
	}
	if s.connect(ctx, f.Request) {
		s.ended(failure)
	}
}

func (s *socket) message(m *conn.Message) {
	if m.Sent {
		s.measures.MessagesSent++
		s.measures.BytesSent += int(m.Size)
	} else {
		s.measures.MessagesReceived++
		s.measures.BytesReceived += int(m.Size)
		if s.measures.FirstMessage == 0 {
			s.measures.FirstMessage = m.At.Sub(s.started)
		}
	}
	switch {
	case s.decoder == nil:
	case m.Skipped:
		s.notUnderstood("size")
	default:
		s.decoder.Message(wire.Message{Sent: m.Sent, Binary: m.Binary, Data: m.Data})
	}
}

func (s *socket) roundTrip(d time.Duration) {
	s.measures.RoundTripLast = d
	if len(s.measures.RoundTrips) < assembler.MaxRoundTrips {
		s.measures.RoundTrips = append(s.measures.RoundTrips, d)
	}
	s.measures.RoundTripMax = max(s.measures.RoundTripMax, d)
}

func (s *socket) closing(c *conn.Close) {
	if !c.First || s.measures.ClosedBy != 0 {
		return
	}
	s.measures.CloseCode, s.measures.ClosedBy = c.Code, assembler.ByPeer
	if c.Sent {
		s.measures.ClosedBy = assembler.ByAgent
	}
}

func (s *socket) notUnderstood(kind string) {
	s.event(&wire.Event{Kind: wire.NotUnderstood, Name: kind})
}

// ended reports the end of the connection, or of a handshake that was refused on it. The close frame of either
// side says how it ended; without one, the error does.
func (s *socket) ended(err error) {
	defer s.finish(err) // Also after a fault of the decoder.
	if s.decoder != nil {
		s.decoder.Closed()
	}
}

// finish ends what the call records of the connection, and the call, if it ends with it.
func (s *socket) finish(err error) {
	if s.conn != nil {
		s.conn.Missed(int(s.missed.Swap(0)))
		s.conn.Measured(s.measured(err))
		s.conn.Closed(s.closeError(err))
	}
	s.conn, s.decoder, s.measures = nil, nil, assembler.Measures{}
	if s.accepted == nil {
		return
	}
	s.accepted.End()
	if s.dialer != nil { // The next handshake on the connection is another call.
		s.call, s.accepted = nil, nil
	}
}

// failed records a dial that failed before there was a connection.
func (s *socket) failed(r *http.Request, err error) {
	s.do(func() {
		if s.connect(r.Context(), r) {
			s.ended(err)
		}
	})
}

func (s *socket) measured(err error) *assembler.Measures {
	if s.measures.ClosedBy == 0 {
		s.measures.ClosedBy = assembler.ByNetwork
		if err == nil {
			s.measures.ClosedBy = assembler.ByAgent
		}
	}
	return &s.measures
}

// closeError returns the error that a connection ended with. The codes 1000, 1001 and 1005 are those of
// normal ends: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1.
func (s *socket) closeError(err error) error {
	switch code := s.measures.CloseCode; {
	case code == 1000, code == 1001, code == 1005, err == nil && code == 0:
		return nil
	case code != 0:
		return &closeError{code}
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	}
	return err
}

// A closeError is the close code of a connection that did not end normally.
type closeError struct{ code int }

// Error returns the code.
func (e *closeError) Error() string { return "websocket: closed with code " + e.ErrorType() }

// ErrorType returns the value of error.type.
func (e *closeError) ErrorType() string { return strconv.Itoa(e.code) }

// A handshakeError is the status of a handshake that was refused, or 0 if it was not answered.
type handshakeError struct{ status int }

// Error returns the status.
func (e *handshakeError) Error() string {
	if e.status == 0 {
		return "websocket: the server did not answer the handshake"
	}
	return "websocket: the handshake was refused with status " + e.ErrorType()
}

// ErrorType returns the value of error.type.
func (e *handshakeError) ErrorType() string {
	if e.status == 0 {
		return "no_answer"
	}
	return strconv.Itoa(e.status)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package conn taps WebSocket connections of any library: it reads the bytes that pass through a
// net.Conn and reports the handshake, messages and control frames to an [Observer].
//
//	dialling:  Dialer.DialContext, Dialer.DialTLSContext ─▶ net.Conn
//	           WrapBody of a 101 response of http.Transport
//	accepting: WrapWriter ─▶ what Hijack returns
//	any:       Wrap
//
// A tap never changes, delays or holds a byte. It reads bytes after the real Read or Write and
// before the call returns, and the request of a client's handshake before the Write. It has no
// goroutine. After a panic of an observer the tap reports the end only, and the connection goes on.
package conn

import (
	"net/http"
	"time"
)

// An Observer is what the tap of one connection calls. A nil function is not called.
//
// Functions may be called by the goroutine that reads and the one that writes at the same time.
// Exactly one call of End is the last of a connection, also of one that is foreign, and after a panic
// of the observer. An observer may close the connection.
type Observer struct {
	// Handshake is called when the connection becomes a WebSocket, before its messages.
	Handshake func(Handshake)
	// Foreign is called when the connection is not a WebSocket, or one that cannot be decoded. A
	// program may use a dialled connection for several requests: Foreign is then called for each one,
	// and Handshake for the one that opens a WebSocket.
	Foreign func(Foreign)
	// Message is called for each message. Its data is valid until Message returns.
	Message func(Message)
	// RoundTrip is called for a pong that answers a ping.
	RoundTrip func(RoundTrip)
	// Close is called for a close frame of either side.
	Close func(Close)
	// Violation is called for a violation of the protocol. The tap ignores the direction's later
	// bytes.
	Violation func(Violation)
	// End is called when the connection was closed, or when reading or writing failed. A deadline
	// that passed is no end.
	End func(End)
}

// A Handshake is an upgrade to WebSocket.
type Handshake struct {
	Request  *http.Request
	Response *http.Response // Without its body.
	At       time.Time
	// Connect is the time since the dial began. On the accepting side, it is the time since the
	// connection was hijacked.
	Connect time.Duration
}

// A Foreign is a connection that is not a WebSocket.
type Foreign struct {
	// Reason is a constant Reason… of package websocket. ReasonEncrypted means that the library
	// does TLS above the tap: with gorilla/websocket, NetDialTLSContext is not set. ReasonTunnel
	// means that it does so because the connection is through a proxy.
	Reason   string
	Request  *http.Request  // Nil if it is not known.
	Response *http.Response // Nil if it is not known. Without its body.
	At       time.Time
	Connect  time.Duration
}

// A Message is a message of either side.
type Message struct {
	Sent        bool // The program sent the message. Otherwise, it received it.
	Binary      bool
	Skipped     bool // The message is over the limit, so that Data is absent.
	InvalidText bool // A text that is not UTF-8.
	Size        int64
	Data        []byte
	At          time.Time
}

// A RoundTrip is the time from a ping to its pong.
type RoundTrip struct {
	Sent     bool // The program sent the ping.
	At       time.Time
	Duration time.Duration
}

// A Close is a close frame.
type Close struct {
	Sent   bool // The program sent the frame.
	First  bool // The other side had sent none.
	Code   int  // 1005 if the frame has none.
	Reason string
	At     time.Time
}

// A Violation is an error of the protocol.
type Violation struct {
	Sent  bool   // The program sent the bytes.
	Class string // A constant Err… of package websocket.
	At    time.Time
}

// An End is the end of a connection.
type End struct {
	// Err is the error of the read or write that failed, or of the dial. It is nil if the program
	// closed the connection first.
	Err error
	At  time.Time
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import "time"

// Measures are what a tap measures of a connection apart from its messages. Zero fields are unknown.
type Measures struct {
	MessagesSent, MessagesReceived int
	BytesSent, BytesReceived       int
	// FirstMessage is the time from the start of the connection until the first message was received.
	FirstMessage time.Duration
	// RoundTripLast and RoundTripMax are those of pings.
	RoundTripLast, RoundTripMax time.Duration
	// RoundTrips are the first ones, each.
	RoundTrips []time.Duration
	// CloseCode is the code of the first close frame.
	CloseCode int
	ClosedBy  Side
}

// MaxRoundTrips is how many round trips are kept one by one.
const MaxRoundTrips = 64

// A Side is one that closes a connection.
type Side uint8

// The sides.
const (
	ByAgent Side = iota + 1
	ByPeer
	ByNetwork // No side closed the connection.
)

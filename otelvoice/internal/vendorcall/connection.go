// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendorcall

import (
	"context"
	"time"
)

// A Connection is what was measured of a connection that ended. Zero fields are unknown or not recorded.
type Connection struct {
	Stage, Provider, Model string
	Line                   string // The provider of a telephone line.
	Outcome, ErrorType     string
	Duration, Connect      time.Duration
	FirstMessage           time.Duration
	RoundTrips             []time.Duration
	NotUnderstood          []string
}

// Media is how the user's audio arrived over a connection.
type Media struct {
	Packets, Lost, OutOfOrder int64
	Jitter                    float64 // In seconds.
	Gaps                      []time.Duration
}

// A Meter records measurements of a session for which it has no handles.
type Meter interface {
	// Connection records a connection that ended.
	Connection(c *Connection)
	// Underruns records the pauses of an answer for lack of audio. source is a value of
	// voice.playout.source.
	Underruns(source string, pauses []time.Duration)
	// Media records how the user's audio arrived.
	Media(m *Media)
	// Key records a key that the user pressed (DTMF), or "" if it is not known which.
	Key(key string)
}

// MeterKey is the key of the Meter in a session's context.
type MeterKey struct{}

// MeterFromContext returns the Meter in a context, or nil.
func MeterFromContext(ctx context.Context) Meter {
	m, _ := ctx.Value(MeterKey{}).(Meter)
	return m
}

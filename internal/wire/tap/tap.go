// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package tap connects what reads the messages of a connection, such as an interceptor or a wrapped
// callback, with the call that records them. It is internal, and outside of package otelvoice, so
// that modules of their own can use it.
package tap

import (
	"context"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
)

// A Call takes the events of the connections of one call.
type Call interface {
	// Connect reports that a connection is being opened, since a time; the zero time is now. The
	// request says its stage, its provider and its model. Connect keeps the request, whose fields
	// may become known later.
	Connect(ctx context.Context, request *wire.Request, started time.Time) Connection
	// Content reports whether content may be recorded.
	Content() bool
}

// A Connection takes the events of one connection. Its methods may be called by several goroutines.
// After Closed they do nothing.
type Connection interface {
	// Opened reports that the connection is open, with the ID that the provider gave it, or "".
	Opened(id string)
	// Event takes an event. It does not keep it.
	Event(e *wire.Event)
	// Measured reports what was measured of the connection, before Closed.
	Measured(m *Measures)
	// Closed reports that the connection is closed, with the error that closed it, or nil.
	Closed(err error)
}

// Key is the key of the Call in a context.
type Key struct{}

// FromContext returns the Call in a context, or nil.
func FromContext(ctx context.Context) Call {
	c, _ := ctx.Value(Key{}).(Call)
	return c
}

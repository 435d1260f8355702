// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package vendorcall connects a transport, which sees the requests to providers, with the turns and
// stages of package otelvoice, which records them. It is internal, so that a transport can record
// what users cannot: values that give way to those that the program sets.
package vendorcall

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/wire"
)

// A Call is one request to a provider.
type Call struct {
	// Request is what is known of it when it is sent.
	Request *wire.Request
	// Attempt is how often the request is sent, from 1.
	Attempt int
	// Start is when the work began. The zero time is now.
	Start time.Time
	// IsUnderway is true if the work had begun before Start, at a time that is not known.
	IsUnderway bool
}

// An Opener opens the stages of calls: a turn, a session or a telemetry does.
type Opener interface {
	// OpenStage returns the stage of a call, and the context of the call's work. The stage is the
	// one that the program has opened for the call, else a new one of the turn. Outside of a
	// session it is a GenAI span of its own.
	OpenStage(ctx context.Context, call *Call) (context.Context, Stage)
	// Content reports whether content may be recorded.
	Content() bool
}

// A Stage records a call. Values that the program sets on its own stage win over those of events.
// The methods are called by one goroutine at a time.
type Stage interface {
	// Event records an event of the call.
	Event(e *wire.Event)
	// SetAttributes adds attributes.
	SetAttributes(attrs ...attribute.KeyValue)
	// AddRequestID adds the id that the provider gave the request.
	AddRequestID(id string)
	// Hold and Release say that the program, and not the provider, is at work.
	Hold()
	Release()
	// End ends the stage, unless the program opened it. It is called once.
	End(err error)
}

// Key is the key of the Opener in a context.
type Key struct{}

// FromContext returns the Opener in a context, or nil.
func FromContext(ctx context.Context) Opener {
	o, _ := ctx.Value(Key{}).(Opener)
	return o
}

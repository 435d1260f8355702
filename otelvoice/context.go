// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/resend"
)

type (
	sessionKey struct{}
	turnKey    struct{}
	stageKey   struct{}
)

// within returns a context in which a span is the current one, which it mostly is already.
func within(ctx context.Context, span trace.Span) context.Context {
	// Spans themselves need not be comparable.
	is, want := trace.SpanContextFromContext(ctx), span.SpanContext()
	if is.SpanID() == want.SpanID() && is.TraceID() == want.TraceID() {
		return ctx
	}
	return trace.ContextWithSpan(ctx, span)
}

// turnContext is the context of a turn's work. It is part of the turn: contexts of package
// context would take three allocations, and those of a call are most of what it makes.
type turnContext struct {
	identity.Context

	turn *Turn
}

// Value returns the turn, and what its parent does.
func (c *turnContext) Value(key any) any {
	if _, ok := key.(turnKey); ok {
		return c.turn
	}
	return c.Context.Value(key)
}

// stageContext is the context of a stage's work, and part of the stage.
type stageContext struct {
	identity.Context

	stage *stage
}

// Value returns the stage, and what its parent does.
func (c *stageContext) Value(key any) any {
	switch key.(type) {
	case stageKey:
		return c.stage
	case resend.Key:
		return &c.stage.resends
	}
	return c.Context.Value(key)
}

// lasting is a context that is never cancelled, for what is recorded of work whose own
// context may be: the moment to record is often the moment of the hang-up. That of package
// context takes an allocation for each value that is looked up.
type lasting struct{ context.Context }

// Deadline returns that there is none.
func (*lasting) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

// Done returns nil.
func (*lasting) Done() <-chan struct{} { return nil }

// Err returns nil.
func (*lasting) Err() error { return nil }

// Value returns what the other context does, save for what cancels it: package context
// looks for that by a pointer to an int.
func (c *lasting) Value(key any) any {
	if _, ok := key.(*int); ok {
		return nil
	}
	return c.Context.Value(key)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/resend"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
)

type (
	sessionKey struct{}
	turnKey    struct{}
	stageKey   struct{}
)

// within returns a context whose current span is span. It usually returns ctx.
func within(ctx context.Context, span trace.Span) context.Context {
	// Compare ids, because spans need not be comparable.
	is, want := trace.SpanContextFromContext(ctx), span.SpanContext()
	if is.SpanID() == want.SpanID() && is.TraceID() == want.TraceID() {
		return ctx
	}
	return trace.ContextWithSpan(ctx, span)
}

// turnContext is the context of a turn's work. It is a field of the turn, which saves the three
// allocations of context.WithValue: contexts are most of the allocations of a call.
type turnContext struct {
	identity.Context

	turn *Turn
}

// Value returns the turn or the parent's value.
func (c *turnContext) Value(key any) any {
	switch key.(type) {
	case turnKey:
		return c.turn
	case vendorcall.Key:
		return &c.turn.opener
	case resend.Key:
		return &c.turn.resends
	}
	return c.Context.Value(key)
}

// stageContext is the context of a stage's work, a field of the stage.
type stageContext struct {
	identity.Context

	stage *stage
}

// Value returns the stage, its resend log or the parent's value.
func (c *stageContext) Value(key any) any {
	switch key.(type) {
	case stageKey:
		return c.stage
	case resend.Key:
		return &c.stage.resends
	}
	return c.Context.Value(key)
}

// uncancelled is a context that is never cancelled. Measurements are recorded with it, because
// the context of the work is often cancelled by a hang-up at that moment.
// [context.WithoutCancel] is not used: it allocates for each value that is looked up.
type uncancelled struct{ context.Context }

// Deadline reports no deadline.
func (*uncancelled) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

// Done returns nil.
func (*uncancelled) Done() <-chan struct{} { return nil }

// Err returns nil.
func (*uncancelled) Err() error { return nil }

// Value returns the value of the other context, except for the one by which package context
// finds the canceller: its key is a pointer to an int.
func (c *uncancelled) Value(key any) any {
	if _, ok := key.(*int); ok {
		return nil
	}
	return c.Context.Value(key)
}

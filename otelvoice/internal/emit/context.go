// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package emit

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// Within returns a context whose current span is span. It usually returns ctx.
func Within(ctx context.Context, span trace.Span) context.Context {
	// Compare ids, because spans need not be comparable.
	is, want := trace.SpanContextFromContext(ctx), span.SpanContext()
	if is.SpanID() == want.SpanID() && is.TraceID() == want.TraceID() {
		return ctx
	}
	return trace.ContextWithSpan(ctx, span)
}

// Uncancelled is a context that is never cancelled. Measurements are recorded with it, because
// the context of the work is often cancelled by a hang-up at that moment.
// [context.WithoutCancel] is not used: it allocates for each value that is looked up.
type Uncancelled struct{ context.Context }

// Deadline reports no deadline.
func (*Uncancelled) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

// Done returns nil.
func (*Uncancelled) Done() <-chan struct{} { return nil }

// Err returns nil.
func (*Uncancelled) Err() error { return nil }

// Value returns the value of the other context, except for the one by which package context
// finds the canceller: its key is a pointer to an int.
func (c *Uncancelled) Value(key any) any {
	if _, ok := key.(*int); ok {
		return nil
	}
	return c.Context.Value(key)
}

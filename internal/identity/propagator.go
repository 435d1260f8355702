// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Header is the HTTP header, and the key in any other carrier, that holds the
// correlation ID unless a [Propagator] has another.
const Header = "X-Correlation-ID"

// Propagator carries the correlation ID in a header beside the W3C headers.
// In a composite it must come after the trace context's propagator, because an
// incoming traceparent decides the trace ID.
type Propagator struct {
	// Key is the header, or [Header] if it is "".
	Key string
	// Current returns the correlation ID to send from a context, or "". A nil
	// Current sends none.
	Current func(context.Context) string
}

var _ propagation.TextMapPropagator = Propagator{}

// Inject writes the context's correlation ID, if it has one.
func (p Propagator) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	if p.Current == nil {
		return
	}
	if id := p.Current(ctx); id != "" {
		carrier.Set(p.key(), id)
	}
}

// Extract makes a valid incoming ID the seed of the next root span. When a
// trace context came as well, that one decides: an ID which stands for another
// trace is passed over, so that correlation ID and trace ID never disagree.
// Invalid IDs are passed over in silence; the trace gets an ID of its own.
func (p Propagator) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	id, ok := Parse(carrier.Get(p.key()))
	if !ok {
		return ctx
	}
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() && sc.IsRemote() && sc.TraceID() != id.TraceID {
		return ctx
	}
	return WithSeed(ctx, id)
}

// Fields returns the one key that the propagator sets.
func (p Propagator) Fields() []string { return []string{p.key()} }

func (p Propagator) key() string {
	if p.Key == "" {
		return Header
	}
	return p.Key
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Header is the default HTTP header, and key in other carriers, of the correlation ID.
const Header = "X-Correlation-ID"

// Propagator sends the correlation ID in a header of its own, besides the W3C headers. In a composite
// propagator it must follow the propagator of the trace context, because an incoming traceparent
// determines the trace ID.
type Propagator struct {
	// Key is the header; "" means [Header].
	Key string
	// Current returns the correlation ID to send, or "". If Current is nil, none is sent.
	Current func(context.Context) string
}

var _ propagation.TextMapPropagator = Propagator{}

// Inject writes the correlation ID of the context, if there is one.
func (p Propagator) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	if p.Current == nil {
		return
	}
	if id := p.Current(ctx); id != "" {
		carrier.Set(p.key(), id)
	}
}

// Extract makes a valid incoming ID the seed of the next root span. It ignores an ID that belongs to
// another trace than an incoming trace context, so that correlation ID and trace ID always agree. It
// ignores invalid IDs too.
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

// Fields returns the key that the propagator sets.
func (p Propagator) Fields() []string { return []string{p.key()} }

func (p Propagator) key() string {
	if p.Key == "" {
		return Header
	}
	return p.Key
}

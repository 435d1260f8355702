// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
)

// ContextFrom returns a context with the trace or the correlation ID that a call brings: in the headers of
// the request that opened its connection, in those of SIP, or in the parameters of the line. get returns
// a value by its name, or "". A traceparent wins over a correlation ID, and both over those of ctx.
func ContextFrom(ctx context.Context, tel *otelvoice.Telemetry, get func(name string) string) context.Context {
	propagator := tel.Propagator()
	carrier := make(propagation.MapCarrier)
	for _, name := range propagator.Fields() {
		if value := get(name); value != "" {
			carrier.Set(name, value)
		}
	}
	if trace.SpanContextFromContext(propagator.Extract(context.Background(), carrier)).IsValid() {
		return propagator.Extract(ctx, carrier)
	}
	if id := get(tel.CorrelationHeader()); id != "" {
		return otelvoice.ContextWithCorrelationID(ctx, id)
	}
	return ctx
}

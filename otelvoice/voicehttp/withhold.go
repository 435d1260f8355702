// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"context"
	"net/http"
	"slices"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
)

// withhold takes out of a request, after the propagators wrote into it, what a host that is not
// trusted must not see: baggage, the correlation ID unless it is the trace ID, and tracestate,
// whose members hold whatever the systems before put there. Who set a header makes no difference:
// a reverse proxy copies those of the request that it serves. The traceparent stays, once.
func (n *names) withhold(r *http.Request) {
	keep := isOwnID(r.Context(), r.Header[n.header])
	for key := range r.Header {
		switch {
		case key == n.header && keep:
		case isBaggage(key), isHeader(key, n.header), isHeader(key, tracestateHeader), n.isDouble(r.Header, key):
			delete(r.Header, key)
		}
	}
	for key := range r.Trailer {
		if isBaggage(key) || isHeader(key, n.header) || isHeader(key, tracestateHeader) {
			delete(r.Trailer, key)
		}
	}
}

// isOwnID reports whether the values of a correlation ID's header are one, which is the trace ID
// of the context, and which no caller chose.
func isOwnID(ctx context.Context, values []string) bool {
	tid := trace.SpanContextFromContext(ctx).TraceID()
	if len(values) != 1 || !tid.IsValid() {
		return false
	}
	var own [36]byte
	identity.Put(&own, tid)
	if values[0] != string(own[:]) {
		return false
	}
	_, chosen := identity.CorrelationOf(ctx)
	return !chosen
}

// withoutStale takes out of a request to a trusted host, after the propagators wrote into it,
// what belongs to the request before it: the tracestate of another traceparent, the ids in
// another case, and the baggage of a stranger.
func (n *names) withoutStale(r *http.Request) {
	ctx := r.Context()
	sc := trace.SpanContextFromContext(ctx)
	// A traceparent that the propagators did not write keeps its tracestate.
	state := identity.State(ctx) != "" || !isOf(first(r.Header, traceparentHeader), sc)
	req := requestOf(ctx)
	for key, values := range r.Header {
		switch {
		case n.isDouble(r.Header, key), !state && isHeader(key, tracestateHeader),
			req != nil && isStrangers(ctx, req.strangers, key, values):
			delete(r.Header, key)
		}
	}
}

// isDouble reports whether a key is that of a header of the propagators in another case, beside
// the header itself.
func (n *names) isDouble(h http.Header, key string) bool {
	for _, header := range [...]string{traceparentHeader, tracestateHeader, n.header} {
		if isHeader(key, header) && key != header {
			_, ok := h[header]
			return ok
		}
	}
	return false
}

// isOf reports whether a traceparent is that of a valid span context.
func isOf(traceparent string, sc trace.SpanContext) bool {
	const version, tid, sid = len("00-"), len("00-") + 32, len("00-") + 32 + 1 + 16
	return sc.IsValid() && len(traceparent) >= sid && traceparent[version:tid] == sc.TraceID().String() &&
		traceparent[tid+1:sid] == sc.SpanID().String()
}

// isStrangers reports whether a header is the copy of a stranger's baggage. What the propagators
// wrote from the context is not.
func isStrangers(ctx context.Context, strangers http.Header, key string, values []string) bool {
	if len(strangers) == 0 || !isBaggage(key) || !slices.Equal(strangers[key], values) {
		return false
	}
	return key != baggageHeader || baggage.FromContext(ctx).Len() == 0
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"net/http"
	"slices"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/message"
)

// removePrivate removes the headers that an untrusted host must not see: baggage, the
// correlation ID unless it is the trace ID, and tracestate, which may hold anything that
// upstream systems put there. It runs after the propagators. It also removes headers that
// the program set, because a reverse proxy copies those of the request that it serves. One
// traceparent stays.
func removePrivate(n *message.CorrelationNames, r *http.Request) {
	keep := isOwnID(r.Context(), r.Header[n.Header])
	for key := range r.Header {
		switch {
		case key == n.Header && keep:
		case message.IsBaggage(key), message.IsHeader(key, n.Header), message.IsHeader(key, message.Tracestate), isDuplicate(n, r.Header, key):
			delete(r.Header, key)
		}
	}
	for key := range r.Trailer {
		if message.IsBaggage(key) || message.IsHeader(key, n.Header) || message.IsHeader(key, message.Tracestate) {
			delete(r.Trailer, key)
		}
	}
}

// isOwnID reports whether a correlation ID header has one value, which is the trace ID of the
// context and was not chosen by a caller.
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

// removeStale removes the headers that a request to a trusted host has from the request that
// caused it: the tracestate of another traceparent, IDs under a key in another case, and the
// baggage of an untrusted caller. It runs after the propagators.
func removeStale(n *message.CorrelationNames, r *http.Request) {
	ctx := r.Context()
	sc := trace.SpanContextFromContext(ctx)
	// If the propagators did not write the traceparent, its tracestate stays.
	state := identity.State(ctx) != "" || !isOf(message.First(r.Header, message.Traceparent), sc)
	untrusted := message.UntrustedBaggage(ctx)
	for key, values := range r.Header {
		switch {
		case isDuplicate(n, r.Header, key), !state && message.IsHeader(key, message.Tracestate),
			isUntrusted(ctx, untrusted, key, values):
			delete(r.Header, key)
		}
	}
}

// isDuplicate reports whether a key is a non-canonical form of a propagation header whose
// canonical form is present, too.
func isDuplicate(n *message.CorrelationNames, h http.Header, key string) bool {
	for _, header := range [...]string{message.Traceparent, message.Tracestate, n.Header} {
		if message.IsHeader(key, header) && key != header {
			_, ok := h[header]
			return ok
		}
	}
	return false
}

// isOf reports whether a traceparent has the IDs of a valid span context.
func isOf(traceparent string, sc trace.SpanContext) bool {
	const version, tid, sid = len("00-"), len("00-") + 32, len("00-") + 32 + 1 + 16
	return sc.IsValid() && len(traceparent) >= sid && traceparent[version:tid] == sc.TraceID().String() &&
		traceparent[tid+1:sid] == sc.SpanID().String()
}

// isUntrusted reports whether a header is a copy of an untrusted caller's baggage. Baggage
// that the propagators wrote from the context is not.
func isUntrusted(ctx context.Context, untrusted http.Header, key string, values []string) bool {
	if len(untrusted) == 0 || !message.IsBaggage(key) || !slices.Equal(untrusted[key], values) {
		return false
	}
	return key != message.Baggage || baggage.FromContext(ctx).Len() == 0
}

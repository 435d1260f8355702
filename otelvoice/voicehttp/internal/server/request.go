// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/message"
	"github.com/voice-agents/telemetry/semconv"
)

// request is the telemetry of a request and the context in which it is served.
type request struct {
	context.Context

	span    trace.Span
	names   *message.CorrelationNames
	public  bool // The caller is untrusted.
	method  message.Method
	start   time.Time
	upgrade bool // The client asks for another protocol.

	mu      sync.Mutex
	pattern string // From a ServeMux.
	named   string // From SetRoute; it takes precedence.

	// The baggage headers of an untrusted caller; nil if there are none.
	untrusted http.Header
	// Fields of the request instead of allocations of their own: the values of two headers
	// of the response, and an attribute of the span.
	correlationID, traceparent [1]string
	correlated                 [1]attribute.KeyValue
}

type requestKey struct{}

// Value returns the request itself for requestKey, and its untrusted baggage headers for
// [message.UntrustedBaggageKey].
func (r *request) Value(key any) any {
	switch key.(type) {
	case requestKey:
		return r
	case message.UntrustedBaggageKey:
		return r.untrusted
	}
	return r.Context.Value(key)
}

// requestOf returns the innermost request of a context, or nil.
func requestOf(ctx context.Context) *request {
	r, _ := ctx.Value(requestKey{}).(*request)
	return r
}

// begin makes r the context of the request whose span was just started in ctx.
func (r *request) begin(ctx context.Context, tel *otelvoice.Telemetry, span trace.Span) {
	r.span = span
	seed := identity.Seed(ctx)
	// The same as identity.Correlation, which would look up the seed again.
	outer := identity.FromContext(ctx)
	ids := identity.Identity{CorrelationID: outer.CorrelationID, Chosen: outer.Chosen}
	if ids.CorrelationID == "" {
		ids.CorrelationID, ids.Chosen = seed.Text, seed.IsValid()
	}
	if sc := span.SpanContext(); sc.IsValid() {
		var uuid string
		ids.RequestID, uuid, r.traceparent[0] = requestIDs(sc)
		if ids.CorrelationID == "" {
			ids.CorrelationID = uuid
		}
	}
	if ids.CorrelationID == "" { // Telemetry is disabled, so there is no trace ID.
		ids.CorrelationID = identity.Format(identity.NewTraceID())
	}
	if !r.public {
		if bag := baggage.FromContext(ctx); bag.Len() > 0 {
			ids.SessionID = identity.FromOutside(bag.Member(string(semconv.SessionIDKey)).Value())
			ids.UserID = identity.FromOutside(bag.Member(string(semconv.UserIDKey)).Value())
		}
	}
	r.correlationID[0] = ids.CorrelationID
	r.correlated[0] = semconv.VoiceCorrelationID(ids.CorrelationID)
	span.SetAttributes(r.correlated[:]...)
	r.Context = identity.NewContext(tel.Context(ctx), ids)
	if seed.IsValid() {
		r.Context = identity.WithoutSeed(r.Context)
	}
}

// requestIDs returns the IDs that a valid span context gives to its request: the request ID
// (as ids.RequestID has it), the trace ID as a UUID (identity.Format) and the traceparent
// (propagation.TraceContext). All three share one allocation instead of four.
func requestIDs(sc trace.SpanContext) (requestID, uuid, traceparent string) {
	const (
		template = "req_........" + "........-....-....-....-............" + "00-................................-................-.."
		uuidAt   = len("req_........")
		parentAt = uuidAt + 36
		traceAt  = parentAt + len("00-")
		spanAt   = traceAt + 32 + len("-")
		flagsAt  = spanAt + 16 + len("-")
	)
	var text [len(template)]byte
	copy(text[:], template)
	tid, sid := sc.TraceID(), sc.SpanID()
	flags := [1]byte{byte(sc.TraceFlags() & (trace.FlagsSampled | trace.FlagsRandom))}
	identity.Put((*[36]byte)(text[uuidAt:]), tid)
	hex.Encode(text[traceAt:], tid[:])
	hex.Encode(text[spanAt:], sid[:])
	hex.Encode(text[flagsAt:], flags[:])
	copy(text[len("req_"):uuidAt], text[spanAt:])
	all := string(text[:])
	return all[:uuidAt], all[uuidAt:parentAt], all[parentAt:]
}

// setHeaders sets the headers of the response that identify the request. It replaces values
// that the handler set or copied from the response of an upstream server.
func (r *request) setHeaders(h http.Header) {
	for key := range h {
		switch {
		case message.IsHeader(key, r.names.Header):
		case r.traceparent[0] != "" && (message.IsHeader(key, message.Traceparent) || message.IsHeader(key, message.Tracestate)):
		default:
			continue
		}
		delete(h, key)
	}
	h[r.names.Header] = r.correlationID[:]
	if r.traceparent[0] == "" {
		return
	}
	h[message.Traceparent] = r.traceparent[:]
	if state := identity.State(r); state != "" {
		h[message.Tracestate] = []string{state}
	}
}

// hasHeaders reports whether the response has the request's correlation ID, and no other.
func (r *request) hasHeaders(h http.Header) bool {
	values := h[r.names.Header]
	return len(values) == 1 && values[0] == r.correlationID[0]
}

// removeTrailers removes trailers with the names of the headers that identify the request.
func (r *request) removeTrailers(h http.Header) {
	delete(h, r.names.Trailer)
	delete(h, http.TrailerPrefix+message.Traceparent)
	delete(h, http.TrailerPrefix+message.Tracestate)
}

// keepUntrusted keeps what an untrusted caller sent: the correlation ID becomes an attribute
// and does not name the trace; the baggage headers are kept, so that a transport can
// recognize copies of them.
func (r *request) keepUntrusted(h http.Header) {
	for key, values := range h {
		if message.IsBaggage(key) {
			if r.untrusted == nil {
				r.untrusted = make(http.Header)
			}
			r.untrusted[key] = values
		}
	}
	if id := message.First(h, r.names.Header); id != "" {
		if _, ok := otelvoice.TraceIDFor(id); ok {
			r.span.SetAttributes(semconv.VoiceCorrelationExternalID(id))
		}
	}
}

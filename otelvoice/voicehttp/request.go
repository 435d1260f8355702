// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

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
	"github.com/voice-agents/telemetry/semconv"
)

// request is what the middleware knows of a request, and the context that the
// request is served in.
type request struct {
	context.Context

	span   trace.Span
	names  *names
	public bool // A stranger's.
	method method
	start  time.Time
	// The client asks for another protocol.
	upgrade bool

	mu      sync.Mutex
	pattern string // Of a mux.
	named   string // The route that a router named, which counts more.

	// What a stranger sent as baggage; nil if nothing. See [transport].
	strangers http.Header
	// Here because each would be an allocation of its own: the values of two headers of
	// the response, and an attribute of the span.
	correlationID, traceparent [1]string
	correlated                 [1]attribute.KeyValue
}

type requestKey struct{}

// Value returns the request itself to those who know its key.
func (r *request) Value(key any) any {
	if key == (requestKey{}) {
		return r
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
	// As identity.Correlation has it, which would look for the seed once more.
	outer := identity.FromContext(ctx)
	ids := identity.Identity{CorrelationID: outer.CorrelationID, Chosen: outer.Chosen}
	if ids.CorrelationID == "" {
		ids.CorrelationID, ids.Chosen = seed.Text, seed.IsValid()
	}
	if sc := span.SpanContext(); sc.IsValid() {
		var uuid string
		ids.RequestID, uuid, r.traceparent[0] = named(sc)
		if ids.CorrelationID == "" {
			ids.CorrelationID = uuid
		}
	}
	if ids.CorrelationID == "" { // Telemetry is disabled: no trace to be named after.
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

// named returns what a valid span context is called: the request's id (as ids.RequestID
// has it), the trace ID as a UUID (identity.Format) and the traceparent
// (propagation.TraceContext). One allocation holds all of them, in place of four.
func named(sc trace.SpanContext) (requestID, uuid, traceparent string) {
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

// answer sets the headers of the response that name the request: each once, whatever the
// handler set, or copied from the response of a server behind it.
func (r *request) answer(h http.Header) {
	for key := range h {
		switch {
		case isHeader(key, r.names.header):
		case r.traceparent[0] != "" && (isHeader(key, traceparentHeader) || isHeader(key, tracestateHeader)):
		default:
			continue
		}
		delete(h, key)
	}
	h[r.names.header] = r.correlationID[:]
	if r.traceparent[0] == "" {
		return
	}
	h[traceparentHeader] = r.traceparent[:]
	if state := identity.State(r); state != "" {
		h[tracestateHeader] = []string{state}
	}
}

// isAnswered reports whether the correlation ID is in the header once, and is this request's.
func (r *request) isAnswered(h http.Header) bool {
	values := h[r.names.header]
	return len(values) == 1 && values[0] == r.correlationID[0]
}

// withoutTrailers takes the same headers out of the trailers of a response.
func (r *request) withoutTrailers(h http.Header) {
	delete(h, r.names.trailer)
	delete(h, http.TrailerPrefix+traceparentHeader)
	delete(h, http.TrailerPrefix+tracestateHeader)
}

// external keeps a stranger's correlation ID, which names no trace here, and knows the
// stranger's baggage again.
func (r *request) external(h http.Header) {
	for key, values := range h {
		if isBaggage(key) {
			if r.strangers == nil {
				r.strangers = make(http.Header)
			}
			r.strangers[key] = values
		}
	}
	if id := first(h, r.names.header); id != "" {
		if _, ok := otelvoice.TraceIDFor(id); ok {
			r.span.SetAttributes(semconv.VoiceCorrelationExternalID(id))
		}
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"net/http"
	"net/url"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// Transport wraps base, or [http.DefaultTransport] for nil: a client span for
// each request, under the stage that sends it, and the ids of the context in its
// headers. The ids by which providers know a request (x-request-id and its like
// in the response) are added to the stage.
//
// Hosts that [WithTrustedHosts] names get traceparent, tracestate, baggage and
// X-Correlation-ID. All other hosts get traceparent alone, and X-Correlation-ID
// only if it is the trace ID that the toolkit made: one that a caller chose, in
// whatever form, is left out. The headers baggage, tracestate and X-Correlation-ID
// are removed from requests to these hosts even if the program set them, because
// a copy that [net/http/httputil.ReverseProxy] or a redirect made looks the same.
// They are removed from a copy: the caller's request is not changed.
//
// With a nil tel base is returned as it is.
func Transport(tel *otelvoice.Telemetry, base http.RoundTripper, opts ...TransportOption) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	if tel == nil {
		return base
	}
	config := newTransportConfig(opts)
	return &transport{
		base:   base,
		config: config,
		traced: otelhttp.NewTransport(inSpan{base, config},
			otelhttp.WithTracerProvider(tel.TracerProvider()),
			otelhttp.WithMeterProvider(tel.MeterProvider()),
			otelhttp.WithPropagators(propagator{tel.Propagator()}),
			otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method })),
	}
}

type transport struct {
	base   http.RoundTripper
	config transportConfig
	traced http.RoundTripper
}

// RoundTrip sends the request. The caller's request is not changed.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = t.outgoing(r)
	res, err := t.traced.RoundTrip(r)
	if err == nil {
		otelvoice.AddRequestID(r.Context(), providerRequestID(res.Header))
	}
	return res, err
}

// inSpan runs inside the client span, with otelhttp's copy of the request, into which the
// propagators have written. Some providers take their key in the query, which otelhttp records
// as part of the URL: the query is taken out again.
type inSpan struct {
	base   http.RoundTripper
	config transportConfig
}

// RoundTrip sends the request.
func (t inSpan) RoundTrip(r *http.Request) (*http.Response, error) {
	if !isClean(r.URL) {
		if span := trace.SpanFromContext(r.Context()); span.IsRecording() {
			span.SetAttributes(semconv.URLFull(cleantext.URL(r.URL)))
		}
	}
	if t.config.trusts(r.URL) {
		withoutStale(r)
	} else {
		withhold(r)
	}
	return t.base.RoundTrip(r)
}

// isClean reports whether nothing is to be taken out of a URL as otelhttp has recorded it, which
// leaves out the user. Most are, and need not be written once more.
func isClean(u *url.URL) bool {
	return u.RawQuery == "" && !u.ForceQuery && u.Fragment == "" && u.RawFragment == "" &&
		// What is not escaped, or too long.
		u.Opaque == "" && (u.Scheme == "https" || u.Scheme == "http") && len(u.Host)+len(u.Path)+len(u.RawPath) <= cleanURLBytes
}

// cleanURLBytes is a length at which a URL is not too long, whatever of it is escaped.
const cleanURLBytes = 1 << 10

// CloseIdleConnections makes [http.Client.CloseIdleConnections] reach the base.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// outgoing returns the request with the baggage that the host may see. It is decided
// for each request, so a redirect to a stranger takes no baggage along.
func (t *transport) outgoing(r *http.Request) *http.Request {
	ctx := r.Context()
	if r.Header == nil { // The propagators write into it.
		r = r.WithContext(ctx)
		r.Header = make(http.Header)
	}
	bag := baggage.FromContext(ctx)
	if !t.config.trusts(r.URL) {
		if bag.Len() == 0 {
			return r
		}
		return r.WithContext(baggage.ContextWithoutBaggage(ctx))
	}
	ids := identity.FromContext(ctx)
	bag = with(bag, semconv.SessionIDKey, ids.SessionID)
	if t.config.user {
		bag = with(bag, semconv.UserIDKey, ids.UserID)
	}
	return r.WithContext(baggage.ContextWithBaggage(ctx, bag))
}

// with adds a member. What baggage cannot hold is left out: a request is not
// made to fail for telemetry's sake.
func with(bag baggage.Baggage, key attribute.Key, value string) baggage.Baggage {
	if value == "" {
		return bag
	}
	member, err := baggage.NewMemberRaw(string(key), value)
	if err != nil {
		return bag
	}
	if more, err := bag.SetMember(member); err == nil {
		return more
	}
	return bag
}

// providerRequestID returns the id by which a provider's support finds the
// request, or "".
func providerRequestID(h http.Header) string {
	for _, name := range [...]string{
		"X-Request-Id",      // OpenAI, Cartesia and most others
		"Dg-Request-Id",     // Deepgram
		"Request-Id",        // Anthropic, ElevenLabs
		"Apim-Request-Id",   // Azure
		"X-Amzn-Requestid",  // Amazon
		"X-Goog-Request-Id", // Google
	} {
		if id := first(h, name); id != "" {
			return id
		}
	}
	return ""
}

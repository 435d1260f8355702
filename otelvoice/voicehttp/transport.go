// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/resend"
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
// A request that its own program cuts short is no error: its span has the attribute
// voice.http.outcome, which is interrupted if the cause of the cancellation is
// [otelvoice.ErrInterrupted], and else abandoned. A request that is sent again has
// http.request.resend_count, and is counted by the stage that sends it: the SDKs of
// providers try again by themselves.
//
// With a nil tel base is returned as it is.
func Transport(tel *otelvoice.Telemetry, base http.RoundTripper, opts ...TransportOption) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	if tel == nil {
		return base
	}
	return &transport{
		base:       base,
		config:     newTransportConfig(opts),
		tracer:     newTracer(tel),
		meter:      newClientMeter(tel.MeterProvider()),
		propagator: tel.Propagator(),
		names:      newNames(tel),
	}
}

type transport struct {
	base       http.RoundTripper
	config     transportConfig
	tracer     trace.Tracer
	meter      *clientMeter
	propagator propagation.TextMapPropagator
	names      *names
}

// RoundTrip sends the request. The caller's request is not changed.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL == nil { // It goes nowhere, and the base says so.
		return t.base.RoundTrip(r)
	}
	c := t.start(r)
	res, err := t.base.RoundTrip(c.request)
	if err == nil && res == nil {
		err = fmt.Errorf("voicehttp: %T returned neither a response nor an error", t.base)
	}
	if err != nil {
		c.failed(err)
		return res, err
	}
	c.answered(res)
	return res, nil
}

// CloseIdleConnections makes [http.Client.CloseIdleConnections] reach the base.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// asClient is an option that is not made anew for each request.
var asClient = trace.WithSpanKind(trace.SpanKindClient)

// start starts the span of a request, and makes the copy of it that is sent.
func (t *transport) start(r *http.Request) *call {
	ctx := r.Context()
	c := &call{transport: t, method: methodOf(r.Method), start: time.Now()}
	work := resend.FromContext(ctx)
	known, isKnown := resendsOf(r)
	if work != nil {
		c.log, c.name = work, requestName(c.method, r)
	}
	attrs := c.attributes(r)
	if n := work.Sent(c.name, known, isKnown); n > 0 {
		attrs = append(attrs, semconv.HTTPRequestResendCount(n))
	} else if n = redirects(r); n > 0 { // No stage counts these: nothing has failed.
		attrs = append(attrs, semconv.HTTPRequestResendCount(n))
	}
	ctx, c.span = t.tracer.Start(t.outgoing(ctx, r.URL), c.method.spanName(), asClient, trace.WithAttributes(attrs...))
	if labels, ok := otelhttp.ClientLabelerFromContext(ctx); ok {
		c.labels = labels
	}
	c.request = r.Clone(ctx)
	if c.request.Header == nil { // The propagators write into it.
		c.request.Header = make(http.Header)
	}
	t.propagator.Inject(ctx, header(c.request.Header))
	if t.config.trusts(r.URL) {
		t.names.withoutStale(c.request)
	} else {
		t.names.withhold(c.request)
	}
	c.watchRequest()
	return c
}

// outgoing returns the context of a request with the baggage that its host may see. It is
// decided for each request, so a redirect to a stranger takes no baggage along.
func (t *transport) outgoing(ctx context.Context, u *url.URL) context.Context {
	bag := baggage.FromContext(ctx)
	if !t.config.trusts(u) {
		if bag.Len() == 0 {
			return ctx
		}
		return baggage.ContextWithoutBaggage(ctx)
	}
	ids := identity.FromContext(ctx)
	bag = with(bag, semconv.SessionIDKey, ids.SessionID)
	if t.config.user {
		bag = with(bag, semconv.UserIDKey, ids.UserID)
	}
	return baggage.ContextWithBaggage(ctx, bag)
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

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package client is the client half of voicehttp. It records outgoing requests and decides
// which propagation headers their hosts get.
package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/wire/vendors"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/resend"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/message"
	"github.com/voice-agents/telemetry/semconv"
)

// A Config is what the options of a transport set.
type Config struct {
	// TrustedHosts are the hosts that get baggage, tracestate and the correlation ID of a
	// caller, in lower case. "*.example.com" matches all names below example.com.
	TrustedHosts []string
	// UserID sends the user's ID to trusted hosts.
	UserID bool
	// Vendors are the protocols of hosts of the program's own, by host.
	Vendors vendors.Hosts
	// WithoutStages makes no stages of requests to providers.
	WithoutStages bool
	// Session is the session of requests whose context has none, or nil.
	Session *otelvoice.Session
}

// trusts reports whether the host of a URL is trusted.
func (c *Config) trusts(u *url.URL) bool {
	if len(c.TrustedHosts) == 0 {
		return false
	}
	host := strings.ToLower(u.Hostname())
	for _, pattern := range c.TrustedHosts {
		if suffix, wild := strings.CutPrefix(pattern, "*"); pattern == host || wild && strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return false
}

// A Transport records the requests that it sends.
type Transport struct {
	tel        *otelvoice.Telemetry
	base       http.RoundTripper
	config     Config
	tracer     trace.Tracer
	meter      *meter
	propagator propagation.TextMapPropagator
	names      *message.CorrelationNames
}

// New returns a transport that sends with base and records with the given scope.
func New(tel *otelvoice.Telemetry, tracer trace.Tracer, scope metric.Meter, base http.RoundTripper, config Config) *Transport {
	return &Transport{
		tel:        tel,
		base:       base,
		config:     config,
		tracer:     tracer,
		meter:      newMeter(scope),
		propagator: tel.Propagator(),
		names:      message.NewCorrelationNames(tel.CorrelationHeader()),
	}
}

// errPanicked is the error of a request whose base panics.
var errPanicked = errors.New("voicehttp: the base transport panicked")

// Unwrap returns the base and the configuration of a transport of the same telemetry, and else base
// itself. A second transport around the first would record each request twice.
func Unwrap(tel *otelvoice.Telemetry, base http.RoundTripper) (http.RoundTripper, Config) {
	if t, ok := base.(*Transport); ok && t.tel == tel {
		return t.base, t.config
	}
	return base, Config{}
}

// RoundTrip sends a copy of the request. It does not change the caller's request.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL == nil { // The base returns the error.
		return t.base.RoundTrip(r)
	}
	c := t.start(r)
	hasReturned := false
	defer func() {
		if !hasReturned { // The panic goes on.
			c.failed(errPanicked)
		}
	}()
	res, err := t.base.RoundTrip(c.request)
	hasReturned = true
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
func (t *Transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// asClient is allocated once, and not for each request.
var asClient = trace.WithSpanKind(trace.SpanKindClient)

// start starts the span of a request and makes the copy that is sent.
func (t *Transport) start(r *http.Request) *call {
	ctx := r.Context()
	if t.config.Session != nil && otelvoice.SessionFromContext(ctx) == nil {
		ctx = t.config.Session.Context(ctx)
	}
	c := &call{transport: t, method: message.MethodOf(r.Method), start: time.Now()}
	work := resend.FromContext(ctx)
	known, isKnown := resendsOf(r)
	if work != nil {
		c.log, c.resent = work, requestOf(c.method, r)
	}
	attrs := c.attributes(r)
	n := work.Sent(c.resent, known, isKnown)
	ctx, c.exchange = t.exchange(ctx, r, n)
	if n > 0 {
		attrs = append(attrs, semconv.HTTPRequestResendCount(n))
	} else if n = redirects(r); n > 0 { // The stage does not count redirects: nothing failed.
		attrs = append(attrs, semconv.HTTPRequestResendCount(n))
	}
	ctx, c.span = t.tracer.Start(t.outgoing(ctx, r.URL), c.method.SpanName(), asClient, trace.WithAttributes(attrs...))
	if c.exchange != nil {
		ctx = context.WithValue(c.exchange.connection.context(ctx), decodedKey{}, true)
	}
	if labels, ok := otelhttp.ClientLabelerFromContext(ctx); ok {
		c.labels = labels
	}
	c.request = r.Clone(ctx)
	if c.request.Header == nil { // The propagators write into it.
		c.request.Header = make(http.Header)
	}
	t.propagator.Inject(ctx, message.Carrier(c.request.Header))
	if t.config.trusts(r.URL) {
		removeStale(t.names, c.request)
	} else {
		removePrivate(t.names, c.request)
	}
	c.watchRequest()
	return c
}

// outgoing returns the context of a request with the baggage that its host may see. It is
// called for each request, so a redirect to an untrusted host carries no baggage.
func (t *Transport) outgoing(ctx context.Context, u *url.URL) context.Context {
	bag := baggage.FromContext(ctx)
	if !t.config.trusts(u) {
		if bag.Len() == 0 {
			return ctx
		}
		return baggage.ContextWithoutBaggage(ctx)
	}
	ids := identity.FromContext(ctx)
	bag = withMember(bag, semconv.SessionIDKey, ids.SessionID)
	if t.config.UserID {
		bag = withMember(bag, semconv.UserIDKey, ids.UserID)
	}
	return baggage.ContextWithBaggage(ctx, bag)
}

// withMember adds a member to baggage. A value that baggage cannot hold is left out: a
// request must not fail because of its telemetry.
func withMember(bag baggage.Baggage, key attribute.Key, value string) baggage.Baggage {
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

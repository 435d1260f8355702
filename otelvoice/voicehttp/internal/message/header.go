// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package message reads from HTTP messages what the server half and the client half of
// voicehttp both need: propagation headers, methods, protocols and addresses.
package message

import (
	"context"
	"net/http"
	"net/textproto"
	"strings"

	"go.opentelemetry.io/otel/propagation"

	"github.com/voice-agents/telemetry/otelvoice"
)

// The headers of W3C's propagators, in the canonical form of [http.Header].
const (
	Traceparent = "Traceparent"
	Tracestate  = "Tracestate"
	Baggage     = "Baggage"
)

// CorrelationNames are the canonical names of the correlation ID's header.
type CorrelationNames struct {
	Header  string
	Trailer string // The key of a trailer in a response's header.
}

// NewCorrelationNames returns the canonical names of a header.
func NewCorrelationNames(header string) *CorrelationNames {
	header = textproto.CanonicalMIMEHeaderKey(header)
	return &CorrelationNames{Header: header, Trailer: http.TrailerPrefix + header}
}

// Carrier is an http.Header for propagators. Propagators use lower-case keys, and
// [http.Header] canonicalizes a key on each call, which costs 0.1 µs and an allocation for
// each of the four keys of a request. Carrier knows these four.
type Carrier http.Header

var (
	_ propagation.TextMapCarrier = Carrier{}
	_ propagation.ValuesGetter   = Carrier{}
)

// Get returns the first value of the key, or "".
func (h Carrier) Get(key string) string {
	if values := h[canonical(key)]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// Values returns all values of the key. The caller must not change them.
func (h Carrier) Values(key string) []string { return h[canonical(key)] }

// Set replaces the values of the key.
func (h Carrier) Set(key, value string) { h[canonical(key)] = []string{value} }

// Keys returns the canonical keys.
func (h Carrier) Keys() []string { return propagation.HeaderCarrier(h).Keys() }

// canonical returns the canonical form of a key.
func canonical(key string) string {
	switch key {
	case "traceparent":
		return Traceparent
	case "tracestate":
		return Tracestate
	case "baggage":
		return Baggage
	case otelvoice.CorrelationHeader:
		return "X-Correlation-Id"
	}
	return textproto.CanonicalMIMEHeaderKey(key)
}

// First returns the first value of a canonical key, or "".
func First(h http.Header, key string) string {
	if values := h[key]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// IsHeader reports whether a key, in any case, names a header.
func IsHeader(key, header string) bool {
	return len(key) == len(header) && strings.EqualFold(key, header)
}

// IsBaggage reports whether a key, in any case, names a header with baggage: that of W3C,
// of its drafts, of OpenTracing or of Jaeger.
func IsBaggage(key string) bool {
	for _, header := range [...]string{Baggage, "Correlation-Context", "Jaeger-Baggage"} {
		if IsHeader(key, header) {
			return true
		}
	}
	for _, prefix := range [...]string{"Ot-Baggage-", "Uberctx-"} {
		if len(key) > len(prefix) && strings.EqualFold(key[:len(prefix)], prefix) {
			return true
		}
	}
	return false
}

// UntrustedBaggageKey is the key under which a request's context returns the baggage
// headers that an untrusted caller sent, as an http.Header.
type UntrustedBaggageKey struct{}

// UntrustedBaggage returns the baggage headers that an untrusted caller sent with the
// request of a context, or nil.
func UntrustedBaggage(ctx context.Context) http.Header {
	h, _ := ctx.Value(UntrustedBaggageKey{}).(http.Header)
	return h
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"net/http"
	"net/textproto"
	"strings"

	"go.opentelemetry.io/otel/propagation"

	"github.com/voice-agents/telemetry/otelvoice"
)

// The headers of W3C's propagators and of our own, as http.Header spells them.
const (
	traceparentHeader = "Traceparent"
	tracestateHeader  = "Tracestate"
	baggageHeader     = "Baggage"
)

// names are the names of the correlation ID's header.
type names struct {
	header  string // As http.Header spells it,
	trailer string // and as a trailer.
}

func newNames(tel *otelvoice.Telemetry) *names {
	header := textproto.CanonicalMIMEHeaderKey(tel.CorrelationHeader())
	return &names{header: header, trailer: http.TrailerPrefix + header}
}

// header is http.Header for propagators. They ask for keys in their own spelling,
// which http.Header brings into its own each time: 0.1 µs and an allocation for
// each of the four keys that are looked for in a request.
type header http.Header

var (
	_ propagation.TextMapCarrier = header{}
	_ propagation.ValuesGetter   = header{}
)

// Get returns the first value of the key, or "".
func (h header) Get(key string) string {
	if values := h[canonical(key)]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// Values returns all values of the key. They are not the caller's to change.
func (h header) Values(key string) []string { return h[canonical(key)] }

// Set gives the key one value.
func (h header) Set(key, value string) { h[canonical(key)] = []string{value} }

// Keys returns the keys in http.Header's spelling.
func (h header) Keys() []string { return propagation.HeaderCarrier(h).Keys() }

// canonical returns a key in http.Header's spelling.
func canonical(key string) string {
	switch key {
	case "traceparent":
		return traceparentHeader
	case "tracestate":
		return tracestateHeader
	case "baggage":
		return baggageHeader
	case otelvoice.CorrelationHeader:
		return "X-Correlation-Id"
	}
	return textproto.CanonicalMIMEHeaderKey(key)
}

// first returns the first value of a key in http.Header's spelling, or "".
func first(h http.Header, key string) string {
	if values := h[key]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// isHeader reports whether a key, in any case, is that of a header.
func isHeader(key, header string) bool {
	return len(key) == len(header) && strings.EqualFold(key, header)
}

// isBaggage reports whether a key, in any case, is that of a header with baggage: W3C's, its
// drafts', OpenTracing's and Jaeger's.
func isBaggage(key string) bool {
	for _, header := range [...]string{baggageHeader, "Correlation-Context", "Jaeger-Baggage"} {
		if isHeader(key, header) {
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

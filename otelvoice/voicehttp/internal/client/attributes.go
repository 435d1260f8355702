// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package client

import (
	"net/http"
	"net/url"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/message"
	"github.com/voice-agents/telemetry/semconv"
)

// attributes returns the attributes of an outgoing request's span at its start. The query
// is left out, because some providers take their API key there.
func (c *call) attributes(r *http.Request) []attribute.KeyValue {
	attrs := append(make([]attribute.KeyValue, 0, 6),
		semconv.HTTPRequestMethod(c.method.Name), semconv.URLFull(urlOf(r.URL)))
	if c.method.Original != "" {
		attrs = append(attrs, semconv.HTTPRequestMethodOriginal(c.method.Original))
	}
	return appendServer(attrs, r)
}

// urlOf returns a URL as it is recorded.
func urlOf(u *url.URL) string {
	if u.User == nil && u.RawQuery == "" && !u.ForceQuery && u.Fragment == "" && u.Opaque == "" &&
		(u.Scheme == "https" || u.Scheme == "http") && len(u.Host)+len(u.Path)+len(u.RawPath) <= message.MaxText {
		return u.String() // Nothing needs to be removed, so no copy is made.
	}
	return cleantext.URL(u)
}

// appendServer appends the address of the server.
func appendServer(attrs []attribute.KeyValue, r *http.Request) []attribute.KeyValue {
	host, port := message.SplitHostPort(r.URL.Host)
	if host != "" {
		attrs = append(attrs, semconv.ServerAddress(host))
	}
	if port > 0 && (r.URL.Scheme != "https" || port != 443) && (r.URL.Scheme != "http" || port != 80) {
		attrs = append(attrs, semconv.ServerPort(port))
	}
	return attrs
}

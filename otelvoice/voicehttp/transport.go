// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"net/http"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/client"
)

// Transport wraps base, or [http.DefaultTransport] if base is nil. Each request gets a client
// span, which is a child of the stage that sends it, and the IDs of the context in its
// headers. The request IDs of providers (x-request-id and similar response headers) are
// added to the stage.
//
// Hosts that [WithTrustedHosts] names get traceparent, tracestate, baggage and
// X-Correlation-ID. Other hosts get traceparent, and X-Correlation-ID only if it is the
// generated trace ID; a correlation ID that a caller chose is never sent to them. The headers
// baggage, tracestate and X-Correlation-ID are removed from requests to these hosts even if
// the program set them, because they look like copies that
// [net/http/httputil.ReverseProxy] or a redirect made. They are removed from a copy of the
// request: the caller's request is not changed.
//
// A request that the program cancels is not an error. Its span has the attribute
// voice.http.outcome: interrupted if the cause of the cancellation is
// [otelvoice.ErrInterrupted], else abandoned. A request that is sent again has
// http.request.resend_count and is counted by the stage that sends it, because the SDKs of
// providers retry by themselves.
//
// If base is a Transport of tel itself, its options hold too, and each request is recorded once.
// With a nil tel, Transport returns base.
func Transport(tel *otelvoice.Telemetry, base http.RoundTripper, opts ...TransportOption) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	if tel == nil {
		return base
	}
	base, config := client.Unwrap(tel, base)
	return client.New(tel, newTracer(tel), newMeter(tel), base, newClientConfig(config, opts))
}

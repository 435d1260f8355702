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
// # Stages
//
// Requests to providers of speech recognition, language models and speech synthesis become stages:
// OpenAI and servers that speak its API, Anthropic, Gemini, Ollama, Cohere, Deepgram, ElevenLabs,
// Cartesia, AssemblyAI, Azure AI Speech, Google Cloud's speech, and Amazon Polly. They are
// recognised by their hosts, and on other hosts by path and headers; see [WithVendor] and
// [WithoutStages]. Bodies are decoded as they pass: they are neither changed, delayed nor kept.
// Content (messages, transcripts, texts) is recorded only with [otelvoice.WithContentCapture].
//
// The stage belongs to the turn of the request's context, or to the newest open turn of its
// session. If the program has opened a stage of the same kind, the request fills that one: values
// that the program sets win, and the program ends it. Without an open turn the request is a GenAI
// span of its own, and only the metrics of the GenAI conventions count it.
//
// The stage ends when the provider says so ([DONE]), at the end or the Close of the body, or with
// an error. The status of a refused request is its error.type. Each attempt of an SDK is a stage
// of its own, with voice.stage.attempt from the second on. What cannot be decoded is counted in
// voice.provider.not_understood.
//
// # Headers
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

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package voicehttp puts a voice agent's HTTP servers and clients into the
// story of the call. One line wraps a server, one line a client:
//
//	http.ListenAndServe(addr, voicehttp.Middleware(tel)(mux))
//	client := &http.Client{Transport: voicehttp.Transport(tel, nil)}
//
// [Middleware] takes the caller's traceparent or X-Correlation-ID, gives both
// back with the response, and writes one line for the request and one for the
// response, with the same ids that everything inside carries. [Transport] sends
// them on: to hosts that [WithTrustedHosts] names with baggage (whose call it is),
// tracestate and the caller's correlation ID, to all others without.
//
// Only Transport knows hosts. Whatever else sends with [otelvoice.Telemetry.Propagator],
// or with the global propagator that Setup installs (otelhttp, otelgrpc, message
// queues, WebSocket clients that do not dial with an [net/http.Client]), sends the
// correlation ID and the context's baggage to everybody. For requests to vendors
// give such a client [go.opentelemetry.io/otel/propagation.TraceContext] in its place.
//
// Spans and the HTTP metrics come from otelhttp. Queries, headers and bodies are
// never recorded, save headers that [WithLoggedHeaders] names.
package voicehttp

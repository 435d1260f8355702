// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/server"
	"github.com/voice-agents/telemetry/semconv"
)

// ScopeName is the instrumentation scope of the spans and metrics.
const ScopeName = "github.com/voice-agents/telemetry/otelvoice/voicehttp"

// Middleware wraps handlers. Each request gets a server span with the caller's correlation
// ID, the HTTP server metrics, the IDs in its context and in the response's headers, and a
// log line for request and response. The response has one X-Correlation-ID and one
// traceparent, those of the request; values that the handler set or a reverse proxy copied
// are replaced. The ResponseWriter keeps the optional interfaces that it has, such as
// [http.Hijacker] (for WebSocket upgrades) and [http.Flusher].
//
// A request is recorded however its handler ends. A panic is an error: it is logged,
// continues, and counts as status 500 unless another status was sent. A panic with
// [http.ErrAbortHandler] is not an error. An upgraded connection counts as status 101 and
// lasts until its handler returns. The route is that of [http.ServeMux] or of [SetRoute].
//
// With a nil tel, Middleware returns handlers unchanged.
func Middleware(tel *otelvoice.Telemetry, opts ...MiddlewareOption) func(http.Handler) http.Handler {
	if tel == nil {
		return func(next http.Handler) http.Handler { return next }
	}
	config := newServerConfig(opts)
	if logs, ok := tel.LoggerProvider().(*logpipe.Provider); ok {
		received, answered := logs.Requests()
		config.WithoutRequest = config.WithoutRequest || !received
		config.WithoutResponse = config.WithoutResponse || !answered
	}
	s := server.New(tel, newTracer(tel), newMeter(tel), config)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.Serve(w, r, next) //nolint:contextcheck // The context is that of the request.
		})
	}
}

// SetRoute sets the route of the request that a context belongs to: its span is renamed, for
// example to "GET /calls/{id}", and its span, metrics and log line have the route as
// http.route. It is for routers other than [net/http.ServeMux], and for a ServeMux behind a
// handler that copies the request, because the middleware cannot see the pattern there.
//
// A route is a pattern with placeholders, not a path, because paths contain IDs. A method
// and a host before the first slash, as in [net/http.Request.Pattern], are removed. A route
// without a slash is ignored, and so is a call after the request has ended. The last call
// wins.
func SetRoute(ctx context.Context, route string) { server.SetRoute(ctx, route) }

func newTracer(tel *otelvoice.Telemetry) trace.Tracer {
	return tel.TracerProvider().Tracer(ScopeName,
		trace.WithInstrumentationVersion(otelvoice.Version), trace.WithSchemaURL(semconv.SchemaURL))
}

func newMeter(tel *otelvoice.Telemetry) metric.Meter {
	return tel.MeterProvider().Meter(ScopeName,
		metric.WithInstrumentationVersion(otelvoice.Version), metric.WithSchemaURL(semconv.SchemaURL))
}

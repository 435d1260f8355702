// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"net/http"

	"github.com/voice-agents/telemetry/otelvoice"
)

// module is the module of the lines.
const module = "voice.http"

// ScopeName is the instrumentation scope of the spans and metrics of servers. Those of
// clients are in the scope of otelhttp.
const ScopeName = "github.com/voice-agents/telemetry/otelvoice/voicehttp"

// Middleware wraps handlers: a server span with the caller's correlation ID, the
// HTTP server metrics, the ids in the context and in the response's headers, and a
// line for request and response. The response has one X-Correlation-ID and one
// traceparent, the request's own, in place of what the handler set or a reverse proxy
// copied. Hijacker (WebSocket upgrades), Flusher and the other interfaces of the
// ResponseWriter stay as they are.
//
// A request is recorded in whatever way its handler ends. A panic is an error: it is
// logged and goes on, and counts as status 500 unless another was sent. A panic with
// [http.ErrAbortHandler] is none. An upgraded connection counts as 101, and lasts
// until its handler returns. The route is that of [http.ServeMux], or the one of
// [SetRoute].
//
// With a nil tel handlers are returned as they are.
func Middleware(tel *otelvoice.Telemetry, opts ...MiddlewareOption) func(http.Handler) http.Handler {
	if tel == nil {
		return func(next http.Handler) http.Handler { return next }
	}
	s := newServer(tel, newMiddlewareConfig(opts))
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if s.config.excluded(r.URL.Path) {
				next.ServeHTTP(w, r)
				return
			}
			s.serve(w, r, next)
		})
	}
}

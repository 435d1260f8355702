// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// module is the module of the lines.
const module = "voice.http"

// Middleware wraps handlers: a server span with the caller's correlation ID, the
// ids in the context and in the response's headers, and a line for request and
// response. The response has one X-Correlation-ID and one traceparent, the request's
// own, in place of what the handler set or a reverse proxy copied. Hijacker (WebSocket upgrades), Flusher and the other interfaces of
// the ResponseWriter stay as they are. A handler's panic is logged and goes on.
// With a nil tel handlers are returned as they are.
func Middleware(tel *otelvoice.Telemetry, opts ...MiddlewareOption) func(http.Handler) http.Handler {
	if tel == nil {
		return func(next http.Handler) http.Handler { return next }
	}
	cfg := newMiddlewareConfig(opts)
	lines := newLines(tel.Logger(module).Handler())
	trusted, public := traced(tel, false), traced(tel, true)
	return func(next http.Handler) http.Handler {
		handler := &requestHandler{next: next, config: cfg, lines: lines}
		fromTrusted, fromPublic := trusted(handler), public(handler)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case cfg.excluded(r.URL.Path):
				next.ServeHTTP(w, r)
			case cfg.isPublic(r):
				fromPublic.ServeHTTP(w, r)
			default:
				fromTrusted.ServeHTTP(w, r)
			}
		})
	}
}

// traced returns otelhttp's middleware, for strangers' requests or for all others. They are
// two because otelhttp copies the request to ask whose it is.
func traced(tel *otelvoice.Telemetry, public bool) func(http.Handler) http.Handler {
	propagators := propagation.TextMapPropagator(propagator{tel.Propagator()})
	if public {
		propagators = strangers{propagators}
	}
	opts := []otelhttp.Option{
		otelhttp.WithTracerProvider(tracers{TracerProvider: tel.TracerProvider(), tel: tel, public: public}),
		otelhttp.WithMeterProvider(tel.MeterProvider()),
		otelhttp.WithPropagators(propagators),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return spanName(r) }),
	}
	if public {
		opts = append(opts, otelhttp.WithPublicEndpointFn(func(*http.Request) bool { return true }))
	}
	return otelhttp.NewMiddleware("", opts...)
}

// spanName is the method and the route, which is known once the mux has run.
// Paths are not names: they hold ids.
func spanName(r *http.Request) string {
	i := strings.IndexByte(r.Pattern, '/')
	switch {
	case i < 0:
		return r.Method
	case i == len(r.Method)+1 && r.Pattern[i-1] == ' ' && r.Pattern[:i-1] == r.Method:
		return r.Pattern // The pattern is the name.
	}
	return r.Method + " " + r.Pattern[i:]
}

// routeOf returns the path of the mux pattern that matched, or "".
func routeOf(r *http.Request) string {
	if i := strings.IndexByte(r.Pattern, '/'); i >= 0 {
		return r.Pattern[i:]
	}
	return ""
}

// requestHandler runs inside the server span.
type requestHandler struct {
	next   http.Handler
	config middlewareConfig
	lines  *lines
}

// ServeHTTP answers with the ids and serves the request, which is otelhttp's own copy of what
// the server got.
func (h *requestHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	req := requestOf(r.Context())
	if req.public {
		req.external(r.Header)
	}
	req.answer(w.Header())
	bodies := 0
	if !h.config.quiet {
		h.received(req, r, start) //nolint:contextcheck // The request is its context.
		bodies = h.config.bodies
	}
	w, rec := record(w, r, req, bodies)
	defer h.served(req, r, rec, start, r.Pattern) //nolint:contextcheck // Likewise.
	h.next.ServeHTTP(w, r)
}

// served tells how the request went. It must be deferred itself, for it looks whether the
// handler panics. known is the pattern of a mux outside, which otelhttp has seen.
func (h *requestHandler) served(req *request, r *http.Request, rec *recorder, start time.Time, known string) {
	if route := routeOf(r); route != "" && r.Pattern != known {
		req.route(route)
	}
	rec.end()
	if value := recover(); value != nil {
		h.panicked(req, r, value, time.Since(start))
		panic(value)
	}
	if !h.config.quiet {
		h.answered(req, r, rec, start)
	}
}

// panicked logs a handler's panic, save the one by which net/http lets handlers
// break off a response.
func (h *requestHandler) panicked(req *request, r *http.Request, value any, took time.Duration) {
	logger := slog.New(h.lines.end.of(r.Method))
	if value == http.ErrAbortHandler { //nolint:errorlint // The sentinel itself, as net/http compares it.
		if !h.config.quiet {
			logger.LogAttrs(req, slog.LevelWarn, "request aborted by its handler", appendEnd(nil, r, took)...)
		}
		return
	}
	err := failure.NewPanic(value)
	req.span.SetAttributes(semconv.ErrorType(failure.Type(err)))
	req.span.SetStatus(codes.Error, failure.Message(err))
	logger.LogAttrs(req, slog.LevelError, "request handler panicked", append(appendEnd(nil, r, took),
		slog.Any("error", err),
		text(semconv.ErrorTypeKey, failure.Type(err)),
		text(semconv.ExceptionStacktraceKey, string(err.Stack)))...)
}

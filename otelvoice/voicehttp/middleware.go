// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/correlation"
	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// module is the module of the lines.
const module = "voice.http"

// Middleware wraps handlers: a server span with the caller's correlation ID, the
// ids in the context and in the response's headers, and a line for request and
// response. Hijacker (WebSocket upgrades), Flusher and the other interfaces of
// the ResponseWriter stay as they are. A handler's panic is logged and goes on.
// With a nil tel handlers are returned as they are.
func Middleware(tel *otelvoice.Telemetry, opts ...MiddlewareOption) func(http.Handler) http.Handler {
	if tel == nil {
		return func(next http.Handler) http.Handler { return next }
	}
	cfg := newMiddlewareConfig(opts)
	logger := tel.Logger(module)
	traced := otelhttp.NewMiddleware("",
		otelhttp.WithTracerProvider(tel.TracerProvider()),
		otelhttp.WithMeterProvider(tel.MeterProvider()),
		otelhttp.WithPropagators(inbound{tel.Propagator()}),
		otelhttp.WithPublicEndpointFn(func(r *http.Request) bool { return isPublic(r.Context()) }),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return spanName(r) }))
	return func(next http.Handler) http.Handler {
		inner := traced(&requestHandler{tel: tel, next: next, config: cfg, logger: logger})
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if cfg.excluded(r.URL.Path) {
				next.ServeHTTP(w, r)
				return
			}
			if cfg.public(r) {
				r = r.WithContext(context.WithValue(r.Context(), publicKey{}, true))
			}
			inner.ServeHTTP(w, r)
		})
	}
}

type publicKey struct{}

func isPublic(ctx context.Context) bool {
	public, _ := ctx.Value(publicKey{}).(bool)
	return public
}

// inbound takes from a stranger's request only what a link needs.
type inbound struct{ propagation.TextMapPropagator }

func (p inbound) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	ctx = p.TextMapPropagator.Extract(ctx, carrier)
	if isPublic(ctx) {
		ctx = correlation.WithoutSeed(baggage.ContextWithoutBaggage(ctx))
	}
	return ctx
}

// spanName is the method and the route, which is known once the mux has run.
// Paths are not names: they hold ids.
func spanName(r *http.Request) string {
	if route := routeOf(r); route != "" {
		return r.Method + " " + route
	}
	return r.Method
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
	tel    *otelvoice.Telemetry
	next   http.Handler
	config middlewareConfig
	logger *slog.Logger
}

// ServeHTTP puts the ids into context and headers and serves the request.
func (h *requestHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	ctx := identify(h.tel.Context(r.Context()), r)
	setHeaders(ctx, w.Header())
	if !h.config.quiet {
		h.logger.LogAttrs(ctx, slog.LevelInfo, "request received", h.requestAttrs(r)...)
	}

	recorder := &recorder{}
	inner := r.WithContext(ctx)
	var body *excerpt
	if h.config.bodies > 0 && !h.config.quiet {
		body, recorder.body = &excerpt{max: h.config.bodies}, &excerpt{max: h.config.bodies}
		if r.Body != nil && r.Body != http.NoBody {
			inner.Body = excerptReader{ReadCloser: r.Body, excerpt: body}
		}
	}
	defer func() {
		// The mux wrote what it found into the inner request.
		r.Pattern, r.MultipartForm = inner.Pattern, inner.MultipartForm
		if route := routeOf(inner); route != "" {
			trace.SpanFromContext(ctx).SetAttributes(semconv.HTTPRoute(route))
		}
		if value := recover(); value != nil {
			h.panicked(ctx, inner, value, time.Since(start))
			panic(value)
		}
		h.answered(ctx, inner, recorder, time.Since(start), bodyAttrs(body, recorder.body, r.Header, w.Header())...)
	}()
	h.next.ServeHTTP(recorder.wrap(w), inner)
}

// identify returns the request's context with its ids.
func identify(ctx context.Context, r *http.Request) context.Context {
	span := trace.SpanFromContext(ctx)
	ids := identity.Identity{
		CorrelationID: identity.Correlation(ctx),
		RequestID:     identity.RequestID(span.SpanContext().SpanID()),
	}
	if ids.CorrelationID == "" { // Telemetry is disabled: no trace to be named after.
		ids.CorrelationID = correlation.Format(correlation.NewTraceID())
	}
	if isPublic(ctx) {
		if external := r.Header.Get(otelvoice.CorrelationHeader); external != "" {
			if _, ok := otelvoice.TraceIDFor(external); ok {
				span.SetAttributes(semconv.VoiceCorrelationExternalID(external))
			}
		}
	} else {
		bag := baggage.FromContext(ctx)
		ids.SessionID = bag.Member(string(semconv.SessionIDKey)).Value()
		ids.UserID = bag.Member(string(semconv.UserIDKey)).Value()
	}
	span.SetAttributes(semconv.VoiceCorrelationID(ids.CorrelationID))
	return correlation.WithoutSeed(identity.NewContext(ctx, ids))
}

// setHeaders tells the caller under which ids to ask.
func setHeaders(ctx context.Context, header http.Header) {
	header.Set(otelvoice.CorrelationHeader, otelvoice.CorrelationID(ctx))
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(header))
}

func (h *requestHandler) requestAttrs(r *http.Request) []slog.Attr {
	attrs := []slog.Attr{
		attr(semconv.VoicePhase(semconv.VoicePhaseRequestStart)),
		attr(semconv.HTTPRequestMethod(r.Method)),
		attr(semconv.URLPath(r.URL.Path)),
	}
	if r.ContentLength > 0 {
		attrs = append(attrs, attr(semconv.HTTPRequestBodySize(int(r.ContentLength))))
	}
	var headers []any
	for _, name := range h.config.headers {
		if values := r.Header.Values(name); len(values) > 0 {
			headers = append(headers, slog.String(strings.ToLower(name), strings.Join(values, ", ")))
		}
	}
	if len(headers) > 0 {
		attrs = append(attrs, slog.Group(string(semconv.HTTPRequestHeaderKey), headers...))
	}
	return attrs
}

func (h *requestHandler) answered(ctx context.Context, r *http.Request, rec *recorder, took time.Duration, bodies ...slog.Attr) {
	if h.config.quiet {
		return
	}
	level := slog.LevelInfo
	if rec.statusCode() >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	attrs := append(endAttrs(r, took),
		attr(semconv.HTTPResponseStatusCode(rec.statusCode())),
		attr(semconv.HTTPResponseBodySize(int(rec.written))))
	h.logger.LogAttrs(ctx, level, "request answered", append(attrs, bodies...)...)
}

// bodyAttrs returns what is logged of the bodies.
func bodyAttrs(request, response *excerpt, requestHeader, responseHeader http.Header) (attrs []slog.Attr) {
	const contentType = "Content-Type"
	if text, ok := request.show(requestHeader.Get(contentType)); ok {
		attrs = append(attrs, attr(semconv.VoiceHTTPRequestBody(text)))
	}
	if text, ok := response.show(responseHeader.Get(contentType)); ok {
		attrs = append(attrs, attr(semconv.VoiceHTTPResponseBody(text)))
	}
	return attrs
}

// panicked logs a handler's panic, save the one by which net/http lets handlers
// break off a response.
func (h *requestHandler) panicked(ctx context.Context, r *http.Request, value any, took time.Duration) {
	if value == http.ErrAbortHandler { //nolint:errorlint // The sentinel itself, as net/http compares it.
		if !h.config.quiet {
			h.logger.LogAttrs(ctx, slog.LevelWarn, "request aborted by its handler", endAttrs(r, took)...)
		}
		return
	}
	err := failure.NewPanic(value)
	span := trace.SpanFromContext(ctx)
	span.SetAttributes(semconv.ErrorType(failure.Type(err)))
	span.SetStatus(codes.Error, failure.Message(err))
	h.logger.LogAttrs(ctx, slog.LevelError, "request handler panicked", append(endAttrs(r, took),
		slog.Any("error", err),
		attr(semconv.ErrorType(failure.Type(err))),
		attr(semconv.ExceptionStacktrace(string(err.Stack))))...)
}

func endAttrs(r *http.Request, took time.Duration) []slog.Attr {
	attrs := []slog.Attr{
		attr(semconv.VoicePhase(semconv.VoicePhaseRequestEnd)),
		attr(semconv.HTTPRequestMethod(r.Method)),
		attr(semconv.URLPath(r.URL.Path)),
		attr(semconv.VoiceDuration(took.Seconds())),
	}
	if route := routeOf(r); route != "" {
		attrs = append(attrs, attr(semconv.HTTPRoute(route)))
	}
	return attrs
}

// attr makes slog's attribute of OpenTelemetry's.
func attr(kv attribute.KeyValue) slog.Attr { return slog.Any(string(kv.Key), kv.Value.AsInterface()) }

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package server is the server half of voicehttp. It records the requests that a middleware
// passes to its handlers.
//
// It does what otelhttp does and is not built on it, because otelhttp records a request
// after its handler has returned: not at all if the handler panics or calls
// [runtime.Goexit], and with status 200 if the handler hijacks the connection.
package server

import (
	"context"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/message"
)

// A Config is what the options of a middleware set.
type Config struct {
	// ExactPaths and PathPrefixes are the paths that are served without telemetry.
	ExactPaths   map[string]bool
	PathPrefixes []string
	// Public reports whether a request comes from an untrusted caller; nil is never.
	Public func(*http.Request) bool
	// Headers are the canonical names of the request headers that are logged.
	Headers []string
	// Bodies is how many bytes of each body are logged.
	Bodies int
	// WithoutRequest and WithoutResponse leave out the log lines.
	WithoutRequest, WithoutResponse bool
}

// isExcluded reports whether a path is served without telemetry.
func (c *Config) isExcluded(path string) bool {
	if c.ExactPaths[path] {
		return true
	}
	for _, prefix := range c.PathPrefixes {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// isPublic reports whether a request comes from an untrusted caller. A request that is
// public to an outer middleware is public to the inner ones.
func (c *Config) isPublic(r *http.Request) bool {
	if c.Public != nil && c.Public(r) {
		return true
	}
	outer := requestOf(r.Context())
	return outer != nil && outer.public
}

// A Server records the requests of a middleware.
type Server struct {
	tel        *otelvoice.Telemetry
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
	names      *message.CorrelationNames
	meter      *meter
	config     Config
	loggers    loggers
}

// New returns a server that records with the given scope.
func New(tel *otelvoice.Telemetry, tracer trace.Tracer, scope metric.Meter, config Config) *Server {
	return &Server{
		tel:        tel,
		tracer:     tracer,
		propagator: tel.Propagator(),
		names:      message.NewCorrelationNames(tel.CorrelationHeader()),
		meter:      newMeter(scope),
		config:     config,
		loggers:    newLoggers(tel.Logger(module).Handler()),
	}
}

// Serve records a request that next serves.
func (s *Server) Serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if s.config.isExcluded(r.URL.Path) {
		next.ServeHTTP(w, r)
		return
	}
	req := s.start(r)
	if req.public {
		req.keepUntrusted(r.Header)
	}
	req.setHeaders(w.Header())
	ctx := context.Context(req)
	labels, found := otelhttp.LabelerFromContext(ctx)
	if !found { // As with otelhttp, handlers add attributes to the metrics with it.
		ctx = otelhttp.ContextWithLabeler(ctx, labels)
	}
	inner := r.WithContext(ctx)
	x := &exchange{server: s, request: req, inner: inner, labels: labels, outer: r}
	bodies := 0
	if !s.config.WithoutResponse {
		bodies = s.config.Bodies
	}
	x.read = countRead(inner)
	w, x.response = record(w, inner, req, bodies)
	if !s.config.WithoutRequest {
		s.logReceived(x)
	}
	defer x.end()
	next.ServeHTTP(w, inner)
	x.returned = true
}

// start starts the span of a request.
func (s *Server) start(r *http.Request) *request {
	public := s.config.isPublic(r)
	ctx := s.propagator.Extract(r.Context(), message.Carrier(r.Header))
	req := &request{
		names: s.names, public: public, method: message.MethodOf(r.Method), upgrade: isUpgrade(r),
		start: otelhttp.StartTimeFromContext(ctx),
	}
	if req.start.IsZero() {
		req.start = time.Now()
	}
	req.setPattern(r.Pattern)
	opts := append(make([]trace.SpanStartOption, 0, 5),
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithTimestamp(req.start),
		trace.WithAttributes(req.attributes(r)...))
	if public {
		opts = append(opts, trace.WithNewRoot())
		if sc := trace.SpanContextFromContext(ctx); sc.IsValid() && sc.IsRemote() {
			opts = append(opts, trace.WithLinks(trace.Link{SpanContext: sc}))
		}
		// An untrusted caller's context becomes a link and nothing else.
		ctx = identity.WithoutSeed(baggage.ContextWithoutBaggage(ctx))
	}
	ctx, span := s.tracer.Start(ctx, req.name(), opts...)
	req.begin(ctx, s.tel, span)
	return req
}

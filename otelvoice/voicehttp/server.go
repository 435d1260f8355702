// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"context"
	"net/http"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// server records the requests of a middleware. It does what otelhttp does and is not
// built on it, because otelhttp records a request after its handler has returned: not at
// all if the handler panics or calls [runtime.Goexit], and with status 200 if it takes
// the connection over.
type server struct {
	tel        *otelvoice.Telemetry
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
	names      *names
	meter      *meter
	config     middlewareConfig
	lines      *lines
}

func newServer(tel *otelvoice.Telemetry, config middlewareConfig) *server {
	if logs, ok := tel.LoggerProvider().(*logpipe.Provider); ok {
		received, answered := logs.Requests()
		config.withoutRequest = config.withoutRequest || !received
		config.withoutResponse = config.withoutResponse || !answered
	}
	return &server{
		tel:        tel,
		tracer:     newTracer(tel),
		propagator: tel.Propagator(),
		names:      newNames(tel),
		meter:      newMeter(tel.MeterProvider()),
		config:     config,
		lines:      newLines(tel.Logger(module).Handler()),
	}
}

func newTracer(tel *otelvoice.Telemetry) trace.Tracer {
	return tel.TracerProvider().Tracer(ScopeName,
		trace.WithInstrumentationVersion(otelvoice.Version), trace.WithSchemaURL(semconv.SchemaURL))
}

// serve records a request and has it served by next.
func (s *server) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	req := s.start(r)
	if req.public {
		req.external(r.Header)
	}
	req.answer(w.Header())
	ctx := context.Context(req)
	labels, found := otelhttp.LabelerFromContext(ctx)
	if !found { // Handlers may add attributes to the metrics by it, as with otelhttp.
		ctx = otelhttp.ContextWithLabeler(ctx, labels)
	}
	inner := r.WithContext(ctx)
	x := &exchange{server: s, request: req, http: inner, labels: labels, from: r}
	bodies := 0
	if !s.config.withoutResponse {
		bodies = s.config.bodies
	}
	x.read = countRead(inner)
	w, x.response = record(w, inner, req, bodies)
	if !s.config.withoutRequest {
		s.received(x)
	}
	defer x.end()
	next.ServeHTTP(w, inner)
	x.returned = true
}

// start starts the span of a request.
func (s *server) start(r *http.Request) *request {
	public := s.config.isPublic(r)
	ctx := s.propagator.Extract(r.Context(), header(r.Header))
	req := &request{names: s.names, public: public, method: methodOf(r.Method), upgrade: isUpgrade(r), start: otelhttp.StartTimeFromContext(ctx)}
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
		// Only a link is taken from a stranger.
		ctx = identity.WithoutSeed(baggage.ContextWithoutBaggage(ctx))
	}
	ctx, span := s.tracer.Start(ctx, req.name(), opts...)
	req.begin(ctx, s.tel, span)
	return req
}

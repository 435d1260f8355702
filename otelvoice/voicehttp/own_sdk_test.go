// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
)

// With the program's own SDK, the transport sends traceparent and the correlation ID, and the
// middleware reads them.
func TestPropagationWithOwnSDK(t *testing.T) {
	const caller = "550e8400-e29b-41d4-a716-446655440000"
	for _, generator := range []bool{true, false} {
		t.Run(map[bool]string{true: "with the ID generator", false: "without it"}[generator], func(t *testing.T) {
			spans := tracetest.NewSpanRecorder()
			opts := []sdktrace.TracerProviderOption{sdktrace.WithSpanProcessor(spans)}
			if generator {
				opts = append(opts, sdktrace.WithIDGenerator(otelvoice.NewIDGenerator()))
			}
			provider := sdktrace.NewTracerProvider(opts...)
			tel, err := otelvoice.New(otelvoice.WithTracerProvider(provider), otelvoice.WithPropagators(propagation.TraceContext{}))
			if err != nil {
				t.Fatal(err)
			}
			var seen string
			var header http.Header
			server := httptest.NewServer(voicehttp.Middleware(tel)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				seen, header = otelvoice.CorrelationID(r.Context()), r.Header
			})))
			defer server.Close()

			client := &http.Client{Transport: voicehttp.Transport(tel, http.DefaultTransport, voicehttp.WithTrustedHosts("127.0.0.1"))}
			ctx, session := tel.StartSession(otelvoice.ContextWithCorrelationID(t.Context(), caller))
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			client.CloseIdleConnections()
			server.Close() // The server span has ended.
			session.End()

			id := trace.SpanContextFromContext(ctx).TraceID()
			if got := header.Get(otelvoice.CorrelationHeader); got != caller {
				t.Errorf("the correlation ID is %q in the request", got)
			}
			// If a trace and a correlation ID disagree, the trace takes precedence.
			if tid, ok := otelvoice.TraceIDFor(seen); !ok || tid != id || (seen == caller) != generator || resp.Header.Get(otelvoice.CorrelationHeader) != seen {
				t.Errorf("the correlation ID is %q in the handler and %q in the response, and the trace %s", seen, resp.Header.Get(otelvoice.CorrelationHeader), id)
			}
			if !strings.Contains(header.Get("Traceparent"), id.String()) {
				t.Errorf("traceparent is %q, want trace %s", header.Get("Traceparent"), id)
			}
			if ended := spans.Ended(); len(ended) != 3 {
				t.Errorf("%d spans, want those of the server, the client and the session", len(ended))
			}
			for _, span := range spans.Ended() {
				if span.SpanContext().TraceID() != id {
					t.Errorf("%s is in trace %s, want %s", span.Name(), span.SpanContext().TraceID(), id)
				}
			}
		})
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package voicehttp_test

import (
	"io"
	"net/http"
	"testing"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// ended is a span processor that accepts ended spans and discards them.
func ended() sdktrace.SpanProcessor { return sdktrace.NewSimpleSpanProcessor(nil) }

// The middleware and the transport do otelhttp's work, too. This test bounds the allocations
// beyond otelhttp's. The race detector allocates, too, so this file is built without it.
func TestAllocationsBesideOtelhttp(t *testing.T) {
	options := []otelhttp.Option{
		otelhttp.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(ended()))),
		otelhttp.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))),
		otelhttp.WithPropagators(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})),
	}
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(),
		voicesdk.WithLogWriter(io.Discard), voicesdk.WithSpanProcessor(ended()), voicesdk.WithMetricReader(sdkmetric.NewManualReader()),
		voicesdk.WithLookupEnv(func(string) (string, bool) { return "", false }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tel.Shutdown(t.Context()) })
	mux := http.NewServeMux()
	mux.HandleFunc("POST /calls/{id}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(nil) })

	serve := func(h http.Handler, key, value string) float64 {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://agent.example/calls/17", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(key, value)
		w := plain{header: http.Header{}}
		return testing.AllocsPerRun(200, func() {
			clear(w.header)
			h.ServeHTTP(w, r)
		})
	}
	send := func(rt http.RoundTripper, url string) float64 {
		ctx, session := tel.StartSession(t.Context())
		defer session.End()
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		return testing.AllocsPerRun(200, func() {
			res, err := rt.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
		})
	}
	answers := roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
	})
	server, client := otelhttp.NewHandler(mux, "", options...), otelhttp.NewTransport(answers, options...)
	wrap := func(opts ...voicehttp.MiddlewareOption) http.Handler {
		return voicehttp.Middleware(tel.Telemetry, opts...)(mux)
	}
	transport := voicehttp.Transport(tel.Telemetry, answers)
	for _, tt := range []struct {
		name        string
		ours, their float64
		most        float64
	}{
		{"a request with a trace", serve(wrap(voicehttp.WithoutRequestLogs()), "Traceparent", parent), serve(server, "Traceparent", parent), -5},
		{"a request with a correlation ID", serve(wrap(voicehttp.WithoutRequestLogs()), "X-Correlation-Id", callerUUID), serve(server, "X-Correlation-Id", callerUUID), 0},
		{"a request with a trace, and its lines", serve(wrap(), "Traceparent", parent), serve(server, "Traceparent", parent), 13},
		{"a request to a server", send(transport, "https://api.example/v1/chat"), send(client, "https://api.example/v1/chat"), 0},
		{"a request with a query", send(transport, "https://api.example/v1/chat?key=1"), send(client, "https://api.example/v1/chat?key=1"), 0},
	} {
		if more := tt.ours - tt.their; more > tt.most {
			t.Errorf("%s: %v allocations, %v more than otelhttp's, want at most %v", tt.name, tt.ours, more, tt.most)
		}
	}
}

// The chunks of a stream allocate nothing once the first ones were read.
func TestAllocationsOfStreamedAnswer(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	defer session.End()
	buf := make([]byte, 4096)
	read := func(transport http.RoundTripper) float64 {
		return testing.AllocsPerRun(20, func() {
			ctx, turn := session.StartTurn(ctx)
			readAnswer(ctx, t, transport, buf)
			turn.End()
		})
	}
	short, long := read(voicehttp.Transport(tel.Telemetry, streamed(500))), read(voicehttp.Transport(tel.Telemetry, streamed(1000)))
	if long-short > 5 {
		t.Errorf("%v allocations for 500 chunks and %v for 1,000, want at most 5 more", short, long)
	}
}

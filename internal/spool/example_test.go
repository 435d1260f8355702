// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/spool"
)

// An exporter of OpenTelemetry's own sends through a spool. Setup of package otelvoice does
// this for all signals.
func Example() {
	collector := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer collector.Close()
	dir, err := os.MkdirTemp("", "spool")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()

	s, err := spool.New(spool.Config{Dir: dir})
	if err != nil {
		fmt.Println(err)
		return
	}
	transport, err := s.Transport(spool.Traces, spool.Endpoint{URL: collector.URL + "/v1/traces", Gzip: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		fmt.Println(err)
		return
	}
	tracers := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	_, span := tracers.Tracer("example").Start(ctx, "call")
	span.End()

	// The provider hands its spans to the spool, so shut it down first.
	fmt.Println(tracers.Shutdown(ctx), s.Shutdown(ctx))
	for _, h := range s.Health() {
		fmt.Println(h.Signal, "sent:", h.Sent, "waiting:", h.Items, "lost:", len(h.Dropped))
	}
	// Output:
	// <nil> <nil>
	// traces sent: 1 waiting: 0 lost: 0
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

func ExampleMiddleware() {
	ctx := context.Background()
	tel, err := voicesdk.Setup(ctx, voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(ctx) }()

	mux := http.NewServeMux()
	mux.HandleFunc("POST /call", func(_ http.ResponseWriter, r *http.Request) {
		ctx, session := tel.StartSession(r.Context()) // In the caller's trace.
		defer session.End()
		fmt.Println("inside: ", otelvoice.CorrelationID(ctx))
	})
	handler := voicehttp.Middleware(tel.Telemetry)(mux)

	request := httptest.NewRequest(http.MethodPost, "/call", http.NoBody)
	request.Header.Set("X-Correlation-ID", "550e8400-e29b-41d4-a716-446655440000")
	response := httptest.NewRecorder()
	handler.ServeHTTP(response, request)
	fmt.Println("outside:", response.Header().Get("X-Correlation-ID"))
	// Output:
	// inside:  550e8400-e29b-41d4-a716-446655440000
	// outside: 550e8400-e29b-41d4-a716-446655440000
}

func ExampleTransport() {
	ctx := context.Background()
	tel, err := voicesdk.Setup(ctx, voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(ctx) }()

	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Printf("traceparent: %t, correlation ID: %q\n", r.Header.Get("Traceparent") != "", r.Header.Get("X-Correlation-ID"))
	}))
	defer server.Close()

	ctx, session := tel.StartSession(otelvoice.ContextWithCorrelationID(ctx, "order-42"))
	defer session.End()
	for _, trusted := range []string{"api.example.com", "127.0.0.1"} {
		client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, nil, voicehttp.WithTrustedHosts(trusted))}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, http.NoBody)
		if err != nil {
			fmt.Println(err)
			return
		}
		response, err := client.Do(request)
		if err != nil {
			fmt.Println(err)
			return
		}
		_ = response.Body.Close()
		client.CloseIdleConnections()
	}
	// Output:
	// traceparent: true, correlation ID: ""
	// traceparent: true, correlation ID: "order-42"
}

func ExampleSetRoute() {
	ctx := context.Background()
	rec := voicetest.NewRecorder()
	tel, err := voicesdk.Setup(ctx, append(rec.Options(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(ctx) }()

	// A router other than net/http's knows the route and sets it.
	router := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		voicehttp.SetRoute(r.Context(), "/calls/:id")
	})
	handler := voicehttp.Middleware(tel.Telemetry)(router)
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/calls/17", http.NoBody))
	fmt.Println(rec.Spans()[0].Name())
	// Output: GET /calls/:id
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"fmt"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/voice-agents/telemetry/otelvoice"
)

// A program that sets up OpenTelemetry's SDK itself passes its providers to New, or makes them
// OpenTelemetry's globals, where New finds them.
func ExampleNew() {
	ctx := context.Background()
	spans := tracetest.NewInMemoryExporter() // In place of the program's exporter.
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithSyncer(spans),
		sdktrace.WithIDGenerator(otelvoice.NewIDGenerator())) // The correlation ID is the trace ID.
	defer func() { _ = provider.Shutdown(ctx) }()

	tel, err := otelvoice.New(otelvoice.WithTracerProvider(provider))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(ctx) }() // Before the provider's.

	ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID("call-1"))
	ctx, turn := session.StartTurn(ctx)
	_, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})
	llm.End(nil)
	turn.End()
	session.End()
	for _, span := range spans.GetSpans() {
		fmt.Println(span.Name, span.SpanKind)
	}
	// Output:
	// chat gpt-4o-mini client
	// voice.turn internal
	// voice.session internal
}

// A program with providers of its own needs only the ID generator to correlate calls.
func ExampleNewIDGenerator() {
	ctx := context.Background()
	provider := sdktrace.NewTracerProvider(sdktrace.WithIDGenerator(otelvoice.NewIDGenerator()))
	defer func() { _ = provider.Shutdown(ctx) }()
	ctx = otelvoice.ContextWithCorrelationID(ctx, "550e8400-e29b-41d4-a716-446655440000")
	_, span := provider.Tracer("agent").Start(ctx, "call")
	defer span.End()
	fmt.Println(span.SpanContext().TraceID())
	// Output: 550e8400e29b41d4a716446655440000
}

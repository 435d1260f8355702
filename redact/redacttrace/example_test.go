// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redacttrace_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/voice-agents/telemetry/redact"
	"github.com/voice-agents/telemetry/redact/redacttrace"
)

func ExampleNewSpanProcessor() {
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(
		redacttrace.NewSpanProcessor(redact.New(redact.Default()...), sdktrace.NewSimpleSpanProcessor(exporter))))
	_, span := provider.Tracer("kitchen").Start(context.Background(), "order")
	span.SetAttributes(attribute.String("note", "bill to ada@example.com"))
	span.End()
	fmt.Println(exporter.GetSpans()[0].Attributes[0].Value.AsString())
	// Output: bill to [REDACTED:email]
}

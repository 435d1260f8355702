// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/voice-agents/telemetry/redact"
)

func ExampleNew() {
	r := redact.New(append(redact.Default(), redact.Keys("patient_id"))...)
	fmt.Println(r.String("call +1 415 555 2671 or write to ada@example.com, password=hunter2"))
	kv, _ := r.Attribute(attribute.String("patient_id", "4711"))
	fmt.Println(kv.Key, kv.Value.AsString())
	// Output:
	// call [REDACTED:phone] or write to [REDACTED:email], password=[REDACTED]
	// patient_id [REDACTED]
}

func ExamplePattern() {
	r := redact.New(redact.Pattern("licence", regexp.MustCompile(`\b[A-Z]{2}-\d{4}\b`)))
	fmt.Println(r.String("the car is BX-1234"))
	// Output: the car is [REDACTED:licence]
}

func ExampleFunc() {
	r := redact.New(redact.Func(func(key attribute.Key, value string) string {
		if key == "table" {
			return strings.Repeat("*", len(value))
		}
		return value
	}))
	kv, _ := r.Attribute(attribute.String("table", "window"))
	fmt.Println(kv.Value.AsString())
	// Output: ******
}

func ExampleNewTracerProvider() {
	exporter := tracetest.NewInMemoryExporter()
	theirs := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	provider := redact.NewTracerProvider(redact.New(redact.Default()...), theirs)
	_, span := provider.Tracer("kitchen").Start(context.Background(), "order for ada@example.com")
	span.End()
	fmt.Println(exporter.GetSpans()[0].Name)
	// Output: order for [REDACTED:email]
}

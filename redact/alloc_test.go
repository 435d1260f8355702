// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package redact_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/redact"
	"github.com/voice-agents/telemetry/redact/redacttrace"
)

var numbers = []attribute.KeyValue{
	attribute.Int64("at", 1_700_000_000_123_456_789), attribute.Int64("ssrc", 4_222_222_223), attribute.Int64("size", 4_111_111_111_111_112),
	attribute.Float64("share", 0.25), attribute.Float64("sum", 4e15),
}

// Redaction of clean text does not allocate. The race detector allocates, so this file is built without it.
func TestCleanTextAllocatesNothing(t *testing.T) {
	r := redact.New(redact.Default()...)
	for _, tt := range []struct {
		name string
		run  func()
	}{
		{"clean", func() { r.String(texts[0].text) }},
		{"digits", func() { r.String(texts[1].text) }},
		{"attributes", func() { r.Attributes(attributes) }},
		{"large numbers", func() { r.Attributes(numbers) }},
	} {
		if n := testing.AllocsPerRun(100, tt.run); n != 0 {
			t.Errorf("%s: %v allocations, want none", tt.name, n)
		}
	}
}

// A span without secrets is passed on unchanged.
func TestCleanSpansAllocateNothing(t *testing.T) {
	r := redact.New(redact.Default()...)
	count := func(processor sdktrace.SpanProcessor) float64 {
		provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(processor))
		tracer := provider.Tracer("github.com/x/agent", trace.WithInstrumentationVersion("v1.2.3"))
		return testing.AllocsPerRun(100, func() {
			_, span := tracer.Start(context.Background(), "turn", trace.WithAttributes(attributes...))
			span.End()
		})
	}
	if bare, redacted := count(nothing{}), count(redacttrace.NewSpanProcessor(r, nothing{})); redacted > bare {
		t.Errorf("%v allocations a span, %v without redaction", redacted, bare)
	}
}

// nothing is a processor that reads the data that exporters read.
type nothing struct{}

func (nothing) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (nothing) OnEnd(s sdktrace.ReadOnlySpan) {
	_, _, _ = s.Resource(), s.InstrumentationScope(), s.Attributes()
	_, _ = s.Events(), s.Links()
}
func (nothing) Shutdown(context.Context) error   { return nil }
func (nothing) ForceFlush(context.Context) error { return nil }

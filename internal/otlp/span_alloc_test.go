// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

// The race detector empties pools at random.

package otlp_test

import (
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/otlp"
)

// ended is a span as processors receive it.
func ended(tb testing.TB) sdktrace.ReadOnlySpan {
	tb.Helper()
	_, s := sdktrace.NewTracerProvider().Tracer("voice").Start(tb.Context(), "chat gpt-4o-mini", trace.WithAttributes(
		attribute.String("gen_ai.request.model", "gpt-4o-mini"), attribute.Int("gen_ai.usage.input_tokens", 412), attribute.Float64("voice.duration", .312)))
	s.AddEvent("voice.llm.first_token")
	s.End()
	return s.(sdktrace.ReadOnlySpan) //nolint:forcetypeassert // The SDK's spans implement it.
}

// The end of a span allocates only the SDK's copy of it.
func TestAllocations(t *testing.T) {
	p := otlp.NewSpanProcessor(otlp.BatchConfig{Interval: time.Hour, Put: func([]byte, int) error { return nil }})
	defer func() { _ = p.Shutdown(t.Context()) }()
	s := ended(t)
	bare := testing.AllocsPerRun(500, func() {
		_, _, _, _ = s.Attributes(), s.Events(), s.Links(), s.InstrumentationScope()
	})
	if n := testing.AllocsPerRun(500, func() { p.OnEnd(s) }); n > bare {
		t.Errorf("%v allocations, want the SDK's %v", n, bare)
	}
}

func BenchmarkOnEnd(b *testing.B) {
	p := otlp.NewSpanProcessor(otlp.BatchConfig{Put: func([]byte, int) error { return nil }})
	defer func() { _ = p.Shutdown(b.Context()) }()
	s := ended(b)
	b.ReportAllocs()
	for b.Loop() {
		p.OnEnd(s)
	}
}

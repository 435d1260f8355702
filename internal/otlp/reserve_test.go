// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"slices"
	"testing"
	"time"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/internal/otlp"
	"github.com/voice-agents/telemetry/semconv"
)

// A full queue takes an eighth more of failed spans and ends of sessions, and nothing else.
func TestFullQueueTakesWhatIsUrgent(t *testing.T) {
	var sent []string
	lost := 0
	processor := otlp.NewSpanProcessor(otlp.BatchConfig{
		Size: 16, Batch: 100, Interval: time.Hour,
		Lost: func(n int) { lost += n },
		Put: func(request []byte, _ int) error {
			var r collectorpb.ExportTraceServiceRequest
			if err := proto.Unmarshal(request, &r); err != nil {
				t.Error(err)
			}
			for _, span := range r.GetResourceSpans()[0].GetScopeSpans()[0].GetSpans() {
				sent = append(sent, span.GetName())
			}
			return nil
		},
	})
	p := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(processor))
	end := func(name string, change func(trace.Span)) {
		_, span := p.Tracer("calls").Start(t.Context(), name)
		if change != nil {
			change(span)
		}
		span.End()
	}
	fail := func(s trace.Span) { s.SetStatus(codes.Error, "") }
	for range 16 {
		end("ordinary", nil)
	}
	end("one too many", nil)
	end("failed", fail)
	end("one too many again", nil)
	end(semconv.SpanVoiceSession, nil)
	end("beyond the reserve", fail)
	if err := p.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := append(slices.Repeat([]string{"ordinary"}, 16), "failed", semconv.SpanVoiceSession)
	if !slices.Equal(sent, want) || lost != 3 {
		t.Errorf("sent %q and lost %d; want %q and 3", sent, lost, want)
	}
}

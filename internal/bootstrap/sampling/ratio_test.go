// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package sampling_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/uuid"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/bootstrap/sampling"
	"github.com/voice-agents/telemetry/internal/identity"
)

// TestSamplerKeepsUUIDs shows both reasons for the sampler: of UUIDs it keeps the requested
// share, and the SDK's own sampler keeps none.
func TestSamplerKeepsUUIDs(t *testing.T) {
	const n, ratio = 100_000, 0.1
	kinds := map[string]func() uuid.UUID{
		"random UUIDv4": uuid.New,
		"timed UUIDv7":  func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
		"random trace ID": func() uuid.UUID {
			return uuid.UUID(identity.NewTraceID())
		},
	}
	for name, next := range kinds {
		t.Run(name, func(t *testing.T) {
			ours, theirs := sampling.NewRatio(ratio), sdktrace.TraceIDRatioBased(ratio)
			kept, keptByTheirs := 0, 0
			for range n {
				p := sdktrace.SamplingParameters{ParentContext: t.Context(), TraceID: trace.TraceID(next())}
				if ours.ShouldSample(p).Decision == sdktrace.RecordAndSample {
					kept++
				}
				if theirs.ShouldSample(p).Decision == sdktrace.RecordAndSample {
					keptByTheirs++
				}
			}
			if share := float64(kept) / n; math.Abs(share-ratio) > 0.005 {
				t.Errorf("kept %.4f of %d, want %.1f ± 0.005", share, n, ratio)
			}
			if strings.Contains(name, "UUID") && keptByTheirs != 0 {
				t.Errorf("TraceIDRatioBased kept %d: it has become fair to UUIDs, and this sampler may go", keptByTheirs)
			}
		})
	}
}

func TestSamplerRatios(t *testing.T) {
	for _, tt := range []struct {
		ratio float64
		want  sdktrace.SamplingDecision
	}{
		{0, sdktrace.Drop},
		{-1, sdktrace.Drop},
		{math.NaN(), sdktrace.Drop},
		{math.Inf(-1), sdktrace.Drop},
		{1, sdktrace.RecordAndSample},
		{2, sdktrace.RecordAndSample},
		{math.Inf(1), sdktrace.RecordAndSample},
	} {
		s := sampling.NewRatio(tt.ratio)
		for range 1000 {
			p := sdktrace.SamplingParameters{ParentContext: t.Context(), TraceID: identity.NewTraceID()}
			if got := s.ShouldSample(p).Decision; got != tt.want {
				t.Fatalf("ratio %v: got %v, want %v", tt.ratio, got, tt.want)
			}
		}
	}
}

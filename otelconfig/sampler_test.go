// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelconfig

import (
	"math"
	"testing"

	"github.com/google/uuid"
	"go.opentelemetry.io/contrib/otelconf"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// A ratio in the file, at any depth, is that of 100,000 trace IDs that were UUIDs: within five
// standard deviations.
func TestRatioIsFairToUUIDs(t *testing.T) {
	const n = 100_000
	for _, ratio := range []float64{0, 0.01, 0.1, 0.5, 0.9, 1} {
		byRatio := &otelconf.Sampler{TraceIDRatioBased: &otelconf.TraceIDRatioBasedSampler{Ratio: &ratio}}
		for name, model := range map[string]*otelconf.Sampler{
			"plain":        byRatio,
			"parent based": {ParentBased: &otelconf.ParentBasedSampler{Root: byRatio}},
			"nested":       {ParentBased: &otelconf.ParentBasedSampler{Root: &otelconf.Sampler{ParentBased: &otelconf.ParentBasedSampler{Root: byRatio}}}},
		} {
			sampler, err := newSampler(model)
			if err != nil {
				t.Fatal(err)
			}
			for version, newID := range map[string]func() (uuid.UUID, error){"v4": uuid.NewRandom, "v7": uuid.NewV7} {
				kept := 0.
				for range n {
					id, err := newID()
					if err != nil {
						t.Fatal(err)
					}
					if sampler.ShouldSample(sdktrace.SamplingParameters{ParentContext: t.Context(), TraceID: trace.TraceID(id)}).Decision == sdktrace.RecordAndSample {
						kept++
					}
				}
				if bound := 5 * math.Sqrt(n*ratio*(1-ratio)); math.Abs(kept-n*ratio) > bound {
					t.Errorf("%s, %s, ratio %g: %g of %d were kept", name, version, ratio, kept, n)
				}
			}
		}
	}
	if _, err := newSampler(&otelconf.Sampler{}); err == nil {
		t.Error("a sampler of no kind is accepted")
	}
}

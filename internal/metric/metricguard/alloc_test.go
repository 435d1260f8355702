// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package metricguard_test

import (
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/voice-agents/telemetry/internal/metric/metricguard"
	"github.com/voice-agents/telemetry/internal/redaction"
)

// A clean attribute set that was seen before allocates nothing. The race detector makes
// allocations of its own.
func TestCleanSetsCostNoMemory(t *testing.T) {
	provider := metricguard.New(sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader())), 0).Clean(redaction.New(redaction.Default()))
	counter, histogram, add, record := instrumentsOf(t, provider)
	for name, run := range map[string]func(){
		"add":    func() { counter.Add(t.Context(), 1, add...) },
		"record": func() { histogram.Record(t.Context(), 1, record...) },
		"none":   func() { counter.Add(t.Context(), 1) },
	} {
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("%s: %v allocations, want none", name, n)
		}
	}
}

func instrumentsOf(tb testing.TB, provider metric.MeterProvider) (metric.Int64Counter, metric.Float64Histogram, []metric.AddOption, []metric.RecordOption) {
	tb.Helper()
	m := provider.Meter("m")
	counter, err := m.Int64Counter("calls")
	if err != nil {
		tb.Fatal(err)
	}
	histogram, err := m.Float64Histogram("latency")
	if err != nil {
		tb.Fatal(err)
	}
	with := metric.WithAttributeSet(attribute.NewSet(attribute.String("provider", "openai"), attribute.String("model", "gpt-4o-mini"), attribute.Int("n", 1)))
	return counter, histogram, []metric.AddOption{with}, []metric.RecordOption{with}
}

// The benchmark measures what redaction adds to a measurement.
func BenchmarkAdd(b *testing.B) {
	sdk := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))
	guarded := metricguard.New(sdk, 0).Clean(redaction.New(redaction.Default()))
	for _, bb := range []struct {
		name     string
		provider metric.MeterProvider
	}{{"the SDK's", sdk}, {"redacted", guarded}, {"own", guarded.Own()}} {
		b.Run(bb.name, func(b *testing.B) {
			counter, _, add, _ := instrumentsOf(b, bb.provider)
			b.ReportAllocs()
			for b.Loop() {
				counter.Add(b.Context(), 1, add...)
			}
		})
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"fmt"
	"testing"
	"unsafe"

	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

func TestCacheOfCostsIsBounded(t *testing.T) {
	s, err := New(metricnoop.NewMeterProvider(), nil, "scope", "v")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10_000 {
		s.Charged(t.Context(), Cost{Kind: "llm", Model: fmt.Sprint(i), Currency: "USD"}, 1)
	}
	if n := len(s.byCost.made); n != maxCached {
		t.Errorf("%d combinations are kept, want %d", n, maxCached)
	}
}

// The dimensions of a cost are those that they were when it was counted, and counting it allocates nothing.
func TestCharged(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	s, err := New(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)), nil, "scope", "v")
	if err != nil {
		t.Fatal(err)
	}
	buffer := []byte("acme")
	shared := unsafe.String(&buffer[0], len(buffer))
	for range 2 {
		for _, text := range []string{"acme", "self"} {
			copy(buffer, text)
			s.Charged(t.Context(), Cost{Kind: StageKind(shared), Provider: shared, Model: shared, Currency: shared}, 0.5)
		}
	}
	copy(buffer, "lost")
	var rm metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &rm); err != nil {
		t.Fatal(err)
	}
	sum, _ := rm.ScopeMetrics[0].Metrics[0].Data.(metricdata.Sum[float64])
	got := make(map[string]float64)
	for _, p := range sum.DataPoints {
		for _, kv := range p.Attributes.ToSlice() {
			got[kv.Value.AsString()] = p.Value
		}
	}
	if len(got) != 2 || got["acme"] != 1 || got["self"] != 1 {
		t.Errorf("got %v, want acme and self with 1 each", got)
	}
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() { s.Charged(ctx, Cost{Kind: "llm", Provider: "p", Model: "m", Currency: "USD"}, 1) }); n > 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

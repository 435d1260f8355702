// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"testing"
	"unsafe"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// Attributes in a buffer that is reused, as zero-copy libraries return them, keep the values that
// they had when they were recorded.
func TestDimensionsInAReusedBuffer(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	s, err := New(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)), nil, "scope", "v")
	if err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, len("menu-1"))
	shared := unsafe.String(&buffer[0], len(buffer))
	want := map[string]uint64{"menu-1": 2, "menu-2": 2, "menu-3": 2}
	for range 2 {
		for text := range want {
			copy(buffer, text)
			s.OperationEnded(t.Context(), Operation{Name: shared, Outcome: Outcome(shared), ErrorType: shared}, 1)
			s.SessionEnded(t.Context(), Session{Channel: shared, EndReason: shared}, 1)
			s.Turn(Turn{Outcome: Outcome(shared), Anchor: shared, Initiator: shared, Channel: shared}).ResponseLatency(t.Context(), 1)
			s.Stage(Stage{Kind: StageKind(shared), Operation: shared, Outcome: Outcome(shared), Provider: shared, Model: shared, Language: shared, ErrorType: shared}).Ended(t.Context(), 1)
			s.Interrupted(t.Context(), shared, shared)
			s.Dropped(t.Context(), shared, shared)
		}
	}
	copy(buffer, "+49301")
	var rm metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &rm); err != nil {
		t.Fatal(err)
	}
	for _, m := range rm.ScopeMetrics[0].Metrics {
		got := make(map[string]uint64)
		switch data := m.Data.(type) {
		case metricdata.Histogram[float64]:
			for _, p := range data.DataPoints {
				for _, kv := range p.Attributes.ToSlice() {
					got[kv.Value.AsString()] = p.Count
				}
			}
		case metricdata.Sum[int64]:
			if m.Name == "voice.session.active" {
				continue
			}
			for _, p := range data.DataPoints {
				for _, kv := range p.Attributes.ToSlice() {
					got[kv.Value.AsString()] = uint64(p.Value)
				}
			}
		}
		delete(got, other) // Dimensions with a fixed list.
		for text, n := range want {
			if got[text] != n || len(got) != len(want) {
				t.Errorf("%s: %v, want %v", m.Name, got, want)
				break
			}
		}
	}
}

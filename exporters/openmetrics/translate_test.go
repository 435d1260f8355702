// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openmetrics

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/voice-agents/telemetry/internal/sdkdata"
)

// The SDK never produces such data, but a layer between it and the exporter may.
func TestDataThatTheSDKDoesNotMake(t *testing.T) {
	one := []metricdata.DataPoint[int64]{{Value: 1}}
	long := attribute.String("k", string(make([]byte, 200)))
	metrics := &metricdata.ResourceMetrics{Resource: resource.NewSchemaless(attribute.String("__a__", "x"), attribute.String("b", "y")), ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{
		{Name: "", Data: metricdata.Gauge[int64]{DataPoints: one}},
		{Name: "nothing"},
		{Name: "empty", Data: metricdata.Gauge[int64]{}},
		{Name: "summary", Data: metricdata.Summary{DataPoints: []metricdata.SummaryDataPoint{{Count: 1}}}},
		{Name: "buckets", Data: metricdata.Histogram[int64]{DataPoints: []metricdata.HistogramDataPoint[int64]{{Bounds: []float64{1, 2}}}}},
		{Name: "caf\xc3", Data: metricdata.Gauge[int64]{DataPoints: one}},
		{Name: "good", Data: metricdata.Sum[int64]{IsMonotonic: true, DataPoints: []metricdata.DataPoint[int64]{{
			Value: 1, Exemplars: []metricdata.Exemplar[int64]{{TraceID: make([]byte, 16), SpanID: make([]byte, 8), FilteredAttributes: []attribute.KeyValue{long}}},
		}}}},
		{Name: "twice", Data: metricdata.Gauge[int64]{DataPoints: append(one, one...)}},
		{Name: "scale", Data: metricdata.ExponentialHistogram[int64]{DataPoints: []metricdata.ExponentialHistogramDataPoint[int64]{{Scale: -10}}}},
	}}}}
	var f faults
	f.tell = func(error) {}
	tr, err := newTranslator(&f)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		served := make(map[string]int)
		for _, family := range tr.families(sdkdata.Metrics(metrics)) {
			served[family.GetName()] = len(family.GetMetric())
			if family.GetName() == "good_total" {
				if labels := family.GetMetric()[0].GetCounter().GetExemplar().GetLabel(); len(labels) != 2 {
					t.Errorf("the exemplar has labels %v, want only its trace and span IDs", labels)
				}
			}
			if family.GetName() == targetInfo && len(family.GetMetric()[0].GetLabel()) != 1 {
				t.Errorf("the resource is %v", family)
			}
		}
		if want := map[string]int{"caf": 1, "good_total": 1, "twice": 1, targetInfo: 1}; !maps.Equal(served, want) {
			t.Errorf("served %v, want %v", served, want)
		}
	}
	if got := fmt.Sprint(slices.Sorted(maps.Keys(f.counts()))); got != "[ buckets scale summary twice]" {
		t.Errorf("left out %s", got)
	}
}

// A program with unbounded names must not fill the memory.
func TestFaultsAreBounded(t *testing.T) {
	reported := 0
	f := faults{tell: func(error) { reported++ }}
	for i := range 3 * maxFaulty {
		f.leftOut(fmt.Sprint("m", i), 1, errTwice)
	}
	if n := len(f.counts()); n != maxFaulty+1 || reported != n || f.counts()[others] != 2*maxFaulty {
		t.Errorf("%d names are kept, %d were reported, %d are counted as others", n, reported, f.counts()[others])
	}
}

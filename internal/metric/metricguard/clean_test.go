// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package metricguard_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/internal/metric/metricguard"
)

const stray = "caf\xc3"

// Every kind of instrument is used, with text that is not UTF-8 wherever text is allowed.
func TestTextOfAnotherExportersProvider(t *testing.T) {
	for _, clean := range []bool{true, false} { // Without cleaning, the test must detect the fault.
		reader := sdkmetric.NewManualReader()
		provider := metricguard.New(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)), 0)
		if clean {
			provider.Clean(nil)
		}
		measureAll(t, provider, stray, "")
		var rm metricdata.ResourceMetrics
		if err := reader.Collect(t.Context(), &rm); err != nil {
			t.Fatal(err)
		}
		if len(rm.ScopeMetrics) != 1 || len(rm.ScopeMetrics[0].Metrics) != 16 {
			t.Fatalf("got %+v", rm.ScopeMetrics)
		}
		scope := rm.ScopeMetrics[0].Scope
		texts := []string{scope.Name, scope.Version, scope.SchemaURL, textOf(scope.Attributes)}
		for _, metric := range rm.ScopeMetrics[0].Metrics {
			texts = append(texts, metric.Unit, metric.Description, attributesOf(metric.Data))
			if h, ok := metric.Data.(metricdata.Histogram[int64]); ok && len(h.DataPoints[0].Bounds) != 2 {
				t.Errorf("the bounds of the histogram are %v", h.DataPoints[0].Bounds)
			}
		}
		for i, text := range texts {
			if utf8.ValidString(text) != clean || clean && !strings.Contains(text, "caf\uFFFD") {
				t.Errorf("clean %t: text %d is %q", clean, i, text)
			}
		}
	}
}

// measureAll measures with every kind of instrument and a text wherever one is allowed; the
// suffix is part of the instruments' names.
func measureAll(t *testing.T, provider metric.MeterProvider, text, suffix string) {
	t.Helper()
	m := provider.Meter(text, metric.WithInstrumentationVersion(text), metric.WithSchemaURL(text), metric.WithInstrumentationAttributes(attribute.String(text, text)))
	ctx, unit, description := t.Context(), metric.WithUnit(text), metric.WithDescription(text)
	with := metric.WithAttributes(attribute.String("k "+text, text), attribute.Int("n", 1))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ic, err := m.Int64Counter("i.counter"+suffix, unit, description)
	must(err)
	ic.Add(ctx, 1, with)
	iu, err := m.Int64UpDownCounter("i.level"+suffix, unit, description)
	must(err)
	iu.Add(ctx, 1, with)
	ih, err := m.Int64Histogram("i.histogram"+suffix, unit, description, metric.WithExplicitBucketBoundaries(1, 2))
	must(err)
	ih.Record(ctx, 1, with)
	ig, err := m.Int64Gauge("i.gauge"+suffix, unit, description)
	must(err)
	ig.Record(ctx, 1, with)
	fc, err := m.Float64Counter("f.counter"+suffix, unit, description)
	must(err)
	fc.Add(ctx, 1, with)
	fu, err := m.Float64UpDownCounter("f.level"+suffix, unit, description)
	must(err)
	fu.Add(ctx, 1, with)
	fh, err := m.Float64Histogram("f.histogram"+suffix, unit, description, metric.WithExplicitBucketBoundaries(1, 2))
	must(err)
	fh.Record(ctx, 1, with)
	fg, err := m.Float64Gauge("f.gauge"+suffix, unit, description)
	must(err)
	fg.Record(ctx, 1, with)
	observeInt := metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
		o.Observe(1, with)
		return nil
	})
	observeFloat := metric.WithFloat64Callback(func(_ context.Context, o metric.Float64Observer) error {
		o.Observe(1, with)
		return nil
	})
	_, err = m.Int64ObservableCounter("io.counter"+suffix, unit, description, observeInt)
	must(err)
	_, err = m.Int64ObservableUpDownCounter("io.level"+suffix, unit, description, observeInt)
	must(err)
	_, err = m.Int64ObservableGauge("io.gauge"+suffix, unit, description, observeInt)
	must(err)
	_, err = m.Float64ObservableCounter("fo.counter"+suffix, unit, description, observeFloat)
	must(err)
	_, err = m.Float64ObservableUpDownCounter("fo.level"+suffix, unit, description, observeFloat)
	must(err)
	_, err = m.Float64ObservableGauge("fo.gauge"+suffix, unit, description, observeFloat)
	must(err)
	ri, err := m.Int64ObservableGauge("r.int"+suffix, unit, description)
	must(err)
	rf, err := m.Float64ObservableGauge("r.float"+suffix, unit, description)
	must(err)
	_, err = m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		o.ObserveInt64(ri, 1, with)
		o.ObserveFloat64(rf, 1, with)
		return nil
	}, ri, rf)
	must(err)
}

// attributesOf returns the attributes of the only point.
func attributesOf(data metricdata.Aggregation) string {
	var set attribute.Set
	switch d := data.(type) {
	case metricdata.Gauge[int64]:
		set = d.DataPoints[0].Attributes
	case metricdata.Gauge[float64]:
		set = d.DataPoints[0].Attributes
	case metricdata.Sum[int64]:
		set = d.DataPoints[0].Attributes
	case metricdata.Sum[float64]:
		set = d.DataPoints[0].Attributes
	case metricdata.Histogram[int64]:
		set = d.DataPoints[0].Attributes
	case metricdata.Histogram[float64]:
		set = d.DataPoints[0].Attributes
	default:
		return fmt.Sprintf("%T", data)
	}
	return textOf(set)
}

func textOf(set attribute.Set) (text string) {
	for _, kv := range set.ToSlice() {
		text += string(kv.Key) + "=" + kv.Value.AsString()
	}
	return text
}

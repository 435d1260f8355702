// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"context"
	"testing"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/voice-agents/telemetry/exporters/otlp"
)

// The export functions make an exporter, send one record by it and shut it down.
// They are one for each signal, so that a test can say what holds for all three.
var signals = []struct {
	name   string
	path   string // Where HTTP sends it.
	export func(context.Context, otlp.Config) error
}{
	{"traces", "/v1/traces", exportSpan},
	{"metrics", "/v1/metrics", exportMetric},
	{"logs", "/v1/logs", exportLog},
}

func exportSpan(ctx context.Context, cfg otlp.Config) error {
	e, err := otlp.NewSpanExporter(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = e.Shutdown(ctx) }()
	return e.ExportSpans(ctx, oneSpan())
}

func oneSpan() []sdktrace.ReadOnlySpan {
	return []sdktrace.ReadOnlySpan{tracetest.SpanStub{Name: "span"}.Snapshot()}
}

func exportMetric(ctx context.Context, cfg otlp.Config) error {
	e, err := otlp.NewMetricExporter(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = e.Shutdown(ctx) }()
	gauge := metricdata.Gauge[int64]{DataPoints: []metricdata.DataPoint[int64]{{Value: 1}}}
	return e.Export(ctx, &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{
		Metrics: []metricdata.Metrics{{Name: "gauge", Data: gauge}},
	}}})
}

func exportLog(ctx context.Context, cfg otlp.Config) error {
	e, err := otlp.NewLogExporter(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = e.Shutdown(ctx) }()
	var record sdklog.Record
	record.SetEventName("record")
	return e.Export(ctx, []sdklog.Record{record})
}

// export fails the test after a while: the exporters repeat what fails for a
// minute.
func export(t *testing.T, send func(context.Context, otlp.Config) error, cfg otlp.Config) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	return send(ctx, cfg)
}

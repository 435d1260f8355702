// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"context"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/sdkdata"
)

// OpenTelemetry's exporters lose a whole request for one byte that is not UTF-8, and those of
// metrics every request from then on, as the metric comes again. These clean the text on the
// exporter's goroutine and copy only what changes.

type cleanSpans struct{ sdktrace.SpanExporter }

// ExportSpans implements the SDK's exporter.
func (e cleanSpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	return e.SpanExporter.ExportSpans(ctx, sdkdata.Spans(spans))
}

type cleanLogs struct{ sdklog.Exporter }

// Export implements the SDK's exporter.
func (e cleanLogs) Export(ctx context.Context, records []sdklog.Record) error {
	return e.Exporter.Export(ctx, sdkdata.Records(records)) //nolint:contextcheck // What it emits goes nowhere.
}

type cleanMetrics struct{ sdkmetric.Exporter }

// Export implements the SDK's exporter.
func (e cleanMetrics) Export(ctx context.Context, metrics *metricdata.ResourceMetrics) error {
	return e.Exporter.Export(ctx, sdkdata.Metrics(metrics))
}

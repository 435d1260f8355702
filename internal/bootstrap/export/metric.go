// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/internal/sdkdata"
	"github.com/voice-agents/telemetry/internal/spool"
)

// newMetricReader returns the SDK's periodic reader and exporter for metrics, which send
// through the spool. The exporter reads the variables for temporality and for the aggregation
// of histograms.
func (s *Set) newMetricReader(ctx context.Context, c Collector, queue Queue) (sdkmetric.Reader, error) {
	client, err := s.spoolClient(spool.Metrics, c)
	if err != nil {
		return nil, err
	}
	// Each other option is set: the exporter reads a variable for each that is not.
	exporter, err := otlpmetrichttp.New(ctx,
		otlpmetrichttp.WithEndpointURL(spoolURL(spool.Metrics)),
		otlpmetrichttp.WithHeaders(map[string]string{}),
		otlpmetrichttp.WithTimeout(defaultTimeout),
		otlpmetrichttp.WithTLSClientConfig(nil),
		otlpmetrichttp.WithCompression(otlpmetrichttp.NoCompression),
		otlpmetrichttp.WithHTTPClient(client),
	)
	if err != nil {
		return nil, err
	}
	return sdkmetric.NewPeriodicReader(metricExporter{exporter}, queue.readerOptions()...), nil
}

// metricExporter makes text valid UTF-8: OpenTelemetry's exporter loses a whole request for one
// byte that is not, and every later request too, because the metric is exported again.
//
// It exports even if its context was canceled: the SDK's reader cancels it at shutdown after
// the last collection. Handing a request to the spool does not block.
type metricExporter struct{ sdkmetric.Exporter }

// Export implements [sdkmetric.Exporter].
func (e metricExporter) Export(ctx context.Context, metrics *metricdata.ResourceMetrics) error {
	return e.Exporter.Export(context.WithoutCancel(ctx), sdkdata.Metrics(metrics))
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"context"
	"crypto/tls"
	"fmt"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/exporters/spool"
)

// NewMetricExporter returns an exporter of metrics. Nothing is sent yet, and a
// collector that cannot be reached is no error; a config that makes no sense is.
func NewMetricExporter(ctx context.Context, cfg Config) (sdkmetric.Exporter, error) {
	exporter, err := newMetricExporter(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("otlp: make the exporter of metrics: %w", err)
	}
	if cfg.Spool != nil {
		exporter = uncancelled{exporter}
	}
	return exporter, nil
}

// uncancelled exports although its context was cancelled: the SDK's reader does so with what
// it has just read when it is shut down. Into a spool it takes no time.
type uncancelled struct{ sdkmetric.Exporter }

// Export implements the SDK's exporter.
func (e uncancelled) Export(ctx context.Context, metrics *metricdata.ResourceMetrics) error {
	return e.Exporter.Export(context.WithoutCancel(ctx), metrics)
}

func newMetricExporter(ctx context.Context, cfg Config) (sdkmetric.Exporter, error) {
	cfg, err := cfg.resolve("/v1/metrics")
	if err != nil {
		return nil, err
	}
	cfg, client, err := cfg.through(spool.Metrics)
	if err != nil {
		return nil, err
	}
	if cfg.Protocol == GRPC {
		return otlpmetricgrpc.New(ctx, dialect[otlpmetricgrpc.Option]{
			endpoint: otlpmetricgrpc.WithEndpointURL,
			headers:  otlpmetricgrpc.WithHeaders,
			timeout:  otlpmetricgrpc.WithTimeout,
			tls:      func(c *tls.Config) otlpmetricgrpc.Option { return otlpmetricgrpc.WithTLSCredentials(transport(c)) },
			gzip:     func() otlpmetricgrpc.Option { return otlpmetricgrpc.WithCompressor("gzip") },
			dial:     otlpmetricgrpc.WithDialOption,
		}.options(cfg, nil)...)
	}
	return otlpmetrichttp.New(ctx, dialect[otlpmetrichttp.Option]{
		endpoint: otlpmetrichttp.WithEndpointURL,
		headers:  otlpmetrichttp.WithHeaders,
		timeout:  otlpmetrichttp.WithTimeout,
		tls:      otlpmetrichttp.WithTLSClientConfig,
		gzip:     func() otlpmetrichttp.Option { return otlpmetrichttp.WithCompression(otlpmetrichttp.GzipCompression) },
		plain:    func() otlpmetrichttp.Option { return otlpmetrichttp.WithCompression(otlpmetrichttp.NoCompression) },
		client:   otlpmetrichttp.WithHTTPClient,
	}.options(cfg, client)...)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"context"
	"crypto/tls"
	"fmt"

	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"google.golang.org/grpc/credentials"
)

// NewLogExporter returns an exporter of logs. Nothing is sent yet, and a collector that
// cannot be reached is no error.
func NewLogExporter(ctx context.Context, cfg Config) (sdklog.Exporter, error) {
	exporter, err := newLogExporter(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("otlp: make the exporter of logs: %w", err)
	}
	return exporter, nil
}

func newLogExporter(ctx context.Context, cfg Config) (sdklog.Exporter, error) {
	if cfg.Protocol == GRPC {
		return otlploggrpc.New(ctx, dialect[otlploggrpc.Option]{
			endpoint: otlploggrpc.WithEndpointURL,
			headers:  otlploggrpc.WithHeaders,
			timeout:  otlploggrpc.WithTimeout,
			gzip:     func() otlploggrpc.Option { return otlploggrpc.WithCompressor("gzip") },
			tls: func(c *tls.Config) otlploggrpc.Option {
				return otlploggrpc.WithTLSCredentials(credentials.NewTLS(c))
			},
		}.options(cfg)...)
	}
	return otlploghttp.New(ctx, dialect[otlploghttp.Option]{
		endpoint: otlploghttp.WithEndpointURL,
		headers:  otlploghttp.WithHeaders,
		timeout:  otlploghttp.WithTimeout,
		gzip:     func() otlploghttp.Option { return otlploghttp.WithCompression(otlploghttp.GzipCompression) },
		tls:      otlploghttp.WithTLSClientConfig,
	}.options(cfg)...)
}

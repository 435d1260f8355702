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

	"github.com/voice-agents/telemetry/exporters/spool"
)

// NewLogExporter returns an exporter of logs. Nothing is sent yet, and a
// collector that cannot be reached is no error; a config that makes no sense is.
func NewLogExporter(ctx context.Context, cfg Config) (sdklog.Exporter, error) {
	exporter, err := newLogExporter(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("otlp: make the exporter of logs: %w", err)
	}
	return exporter, nil
}

// LogRequests returns what takes requests of logs that are ready to be sent, each with how
// many records it has: for who encodes records without an exporter. The config must have a
// spool.
func LogRequests(cfg Config) (func(request []byte, records int) error, error) {
	return cfg.requests(spool.Logs, "/v1/logs")
}

func newLogExporter(ctx context.Context, cfg Config) (sdklog.Exporter, error) {
	cfg, err := cfg.resolve("/v1/logs")
	if err != nil {
		return nil, err
	}
	cfg, client, err := cfg.through(spool.Logs)
	if err != nil {
		return nil, err
	}
	if cfg.Protocol == GRPC {
		return otlploggrpc.New(ctx, dialect[otlploggrpc.Option]{
			endpoint: otlploggrpc.WithEndpointURL,
			headers:  otlploggrpc.WithHeaders,
			timeout:  otlploggrpc.WithTimeout,
			tls:      func(c *tls.Config) otlploggrpc.Option { return otlploggrpc.WithTLSCredentials(transport(c)) },
			gzip:     func() otlploggrpc.Option { return otlploggrpc.WithCompressor("gzip") },
			dial:     otlploggrpc.WithDialOption,
		}.options(cfg, nil)...)
	}
	return otlploghttp.New(ctx, dialect[otlploghttp.Option]{
		endpoint: otlploghttp.WithEndpointURL,
		headers:  otlploghttp.WithHeaders,
		timeout:  otlploghttp.WithTimeout,
		tls:      otlploghttp.WithTLSClientConfig,
		gzip:     func() otlploghttp.Option { return otlploghttp.WithCompression(otlploghttp.GzipCompression) },
		plain:    func() otlploghttp.Option { return otlploghttp.WithCompression(otlploghttp.NoCompression) },
		client:   otlploghttp.WithHTTPClient,
	}.options(cfg, client)...)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"context"
	"crypto/tls"
	"fmt"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/exporters/spool"
)

// NewSpanExporter returns an exporter of spans. Nothing is sent yet, and a
// collector that cannot be reached is no error; a config that makes no sense is.
func NewSpanExporter(ctx context.Context, cfg Config) (sdktrace.SpanExporter, error) {
	exporter, err := newSpanExporter(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("otlp: make the exporter of spans: %w", err)
	}
	return exporter, nil
}

// SpanRequests does for spans what [LogRequests] does for logs.
func SpanRequests(cfg Config) (func(request []byte, spans int) error, error) {
	return cfg.requests(spool.Traces, "/v1/traces")
}

func newSpanExporter(ctx context.Context, cfg Config) (sdktrace.SpanExporter, error) {
	cfg, err := cfg.resolve("/v1/traces")
	if err != nil {
		return nil, err
	}
	cfg, client, err := cfg.through(spool.Traces)
	if err != nil {
		return nil, err
	}
	if cfg.Protocol == GRPC {
		return otlptracegrpc.New(ctx, dialect[otlptracegrpc.Option]{
			endpoint: otlptracegrpc.WithEndpointURL,
			headers:  otlptracegrpc.WithHeaders,
			timeout:  otlptracegrpc.WithTimeout,
			tls:      func(c *tls.Config) otlptracegrpc.Option { return otlptracegrpc.WithTLSCredentials(transport(c)) },
			gzip:     func() otlptracegrpc.Option { return otlptracegrpc.WithCompressor("gzip") },
			dial:     otlptracegrpc.WithDialOption,
		}.options(cfg, nil)...)
	}
	return otlptracehttp.New(ctx, dialect[otlptracehttp.Option]{
		endpoint: otlptracehttp.WithEndpointURL,
		headers:  otlptracehttp.WithHeaders,
		timeout:  otlptracehttp.WithTimeout,
		tls:      otlptracehttp.WithTLSClientConfig,
		gzip:     func() otlptracehttp.Option { return otlptracehttp.WithCompression(otlptracehttp.GzipCompression) },
		plain:    func() otlptracehttp.Option { return otlptracehttp.WithCompression(otlptracehttp.NoCompression) },
		client:   otlptracehttp.WithHTTPClient,
	}.options(cfg, client)...)
}

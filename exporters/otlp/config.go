// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otlp makes OTLP exporters for spans, metrics and logs, over HTTP with
// protobuf or over gRPC. It is a thin layer: the exporters are OpenTelemetry's
// own, and what Config leaves open is theirs to decide.
package otlp

import (
	"crypto/tls"
	"time"
)

// Protocol is how requests travel.
type Protocol string

// The protocols, as OTEL_EXPORTER_OTLP_PROTOCOL spells them.
const (
	HTTP Protocol = "http/protobuf"
	GRPC Protocol = "grpc"
)

// Config says where and how one signal is sent. The zero Config sends over HTTP
// to the exporter's default endpoint.
type Config struct {
	Protocol Protocol
	// Endpoint is the URL of this signal, with its path for HTTP:
	// http://localhost:4318/v1/traces. With gRPC its scheme decides about TLS.
	Endpoint string
	Headers  map[string]string
	// Timeout bounds one request; 0 is the exporter's default of 10 s.
	Timeout time.Duration
	Gzip    bool
	// TLS is used with https; nil is the system's.
	TLS *tls.Config
}

// dialect is the options of one of OpenTelemetry's six OTLP exporters, which say
// the same things in types of their own.
type dialect[Option any] struct {
	endpoint func(url string) Option
	headers  func(map[string]string) Option
	timeout  func(time.Duration) Option
	gzip     func() Option
	tls      func(*tls.Config) Option
}

// options says in the dialect what the config does not leave open.
func (d dialect[Option]) options(cfg Config) (opts []Option) {
	if cfg.Endpoint != "" {
		opts = append(opts, d.endpoint(cfg.Endpoint))
	}
	if len(cfg.Headers) > 0 {
		opts = append(opts, d.headers(cfg.Headers))
	}
	if cfg.Timeout > 0 {
		opts = append(opts, d.timeout(cfg.Timeout))
	}
	if cfg.Gzip {
		opts = append(opts, d.gzip())
	}
	if cfg.TLS != nil {
		opts = append(opts, d.tls(cfg.TLS))
	}
	return opts
}

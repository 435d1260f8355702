// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"crypto/tls"
	"net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
)

// dialect is the options of one of OpenTelemetry's six OTLP exporters, which say
// the same things in types of their own.
type dialect[Option any] struct {
	endpoint func(url string) Option
	headers  func(map[string]string) Option
	timeout  func(time.Duration) Option
	tls      func(*tls.Config) Option
	gzip     func() Option
	plain    func() Option             // Nothing is compressed.
	client   func(*http.Client) Option // Of those that speak HTTP.
}

// options says a resolved config in the dialect, all of it: an exporter reads a
// variable for each thing that it is not told. A client that is not nil is used.
func (d dialect[Option]) options(cfg Config, client *http.Client) []Option {
	compression := d.plain
	if cfg.Gzip {
		compression = d.gzip
	}
	opts := []Option{
		d.endpoint(cfg.Endpoint),
		d.headers(cfg.Headers),
		d.timeout(cfg.Timeout),
		d.tls(cfg.TLS),
		compression(),
	}
	if client != nil {
		opts = append(opts, d.client(client))
	}
	return opts
}

// identity makes gRPC send requests as they are. The exporters have an option for
// gzip and none against it.
func identity() grpc.DialOption {
	return grpc.WithDefaultCallOptions(grpc.UseCompressor(encoding.Identity))
}

// transport returns gRPC's credentials for a TLS config, nil meaning none. The
// exporters take credentials before a URL's scheme, and a certificate from the
// variables before both: with http the absence of TLS has to be said.
func transport(c *tls.Config) credentials.TransportCredentials {
	if c == nil {
		return insecure.NewCredentials()
	}
	return credentials.NewTLS(c)
}

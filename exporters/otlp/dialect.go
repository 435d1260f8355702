// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"context"
	"crypto/tls"
	"net"
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
	plain    func() Option                   // Nothing is compressed; nil for gRPC.
	client   func(*http.Client) Option       // Only HTTP has it.
	dial     func(...grpc.DialOption) Option // Only gRPC has it. A second call replaces the first.
}

// options says a resolved config in the dialect, all of it: an exporter reads a
// variable for each thing that it is not told. A client that is not nil is used.
func (d dialect[Option]) options(cfg Config, client *http.Client) []Option {
	opts := []Option{
		d.endpoint(cfg.Endpoint),
		d.headers(cfg.Headers),
		d.timeout(cfg.Timeout),
		d.tls(cfg.TLS),
	}
	switch {
	case cfg.Gzip:
		opts = append(opts, d.gzip())
	case d.plain != nil:
		opts = append(opts, d.plain())
	}
	if client != nil {
		opts = append(opts, d.client(client))
	}
	if dialing := cfg.dialOptions(); d.dial != nil && len(dialing) > 0 {
		opts = append(opts, d.dial(dialing...))
	}
	return opts
}

// dialOptions returns what gRPC's exporters have no options of their own for.
func (c Config) dialOptions() (opts []grpc.DialOption) {
	if !c.Gzip {
		opts = append(opts, identity())
	}
	if c.address.Socket != "" {
		opts = append(opts, grpc.WithAuthority("localhost"), grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return c.address.Dial(ctx)
		}))
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

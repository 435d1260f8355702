// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otlp makes OTLP exporters for spans, metrics and logs, over HTTP with
// protobuf or over gRPC. The exporters are OpenTelemetry's own; this package
// sees to it that all six are told the same and read nothing else: left to
// themselves, each takes what it was not told from the process's variables, and
// not all by the same rules.
package otlp

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/voice-agents/telemetry/exporters/spool"
	"github.com/voice-agents/telemetry/internal/otlpendpoint"
)

// Protocol is how requests travel.
type Protocol string

// The protocols, as OTEL_EXPORTER_OTLP_PROTOCOL spells them.
const (
	HTTP Protocol = "http/protobuf"
	GRPC Protocol = "grpc"
)

// defaultTimeout bounds one attempt to send a request.
const defaultTimeout = 10 * time.Second

// Config says where and how one signal is sent. The zero Config sends over HTTP
// to a collector on this host, as the specification has it. Variables are not
// read, with two exceptions that only the exporters know: those for the
// temporality of metrics and their histograms, and HTTP's own for a proxy.
type Config struct {
	// Protocol is HTTP unless it says otherwise.
	Protocol Protocol
	// Endpoint is the URL of this signal, with its path for HTTP. Its scheme,
	// http or https, decides about TLS. If it is empty, requests go to
	// http://localhost:4318 and the signal's usual path, such as /v1/traces, or
	// with gRPC to http://localhost:4317.
	//
	// A Unix socket is unix:///run/otel.sock, unix:path for a relative path, or on Linux
	// unix:@name for an abstract one. It is used without TLS. Over HTTP, requests go to the
	// signal's usual path, such as /v1/traces.
	Endpoint string
	// Headers are sent with each request. They may hold credentials, and are in
	// no error.
	Headers map[string]string
	// Timeout bounds one attempt to send a request, with gRPC all attempts; 0 is
	// 10 s. With HTTP, how long one that fails is tried again is bounded by the
	// context of the export.
	Timeout time.Duration
	Gzip    bool
	// TLS is used with https, and left alone with http; nil is the system's.
	TLS *tls.Config
	// Spool keeps requests until the collector has taken them. The exporter then never
	// waits for the network, and how often and for how long requests are tried again is the
	// spool's. Nil sends at once, and gives up as OpenTelemetry's exporters do.
	Spool *spool.Spool

	address otlpendpoint.Endpoint // The parsed endpoint, after resolve.
}

// through returns the HTTP client by which an exporter reaches the collector through the
// spool, and what the exporter is told: it says the same to it in either protocol.
func (c Config) through(signal spool.Signal) (Config, *http.Client, error) {
	if c.Spool == nil {
		if c.address.Socket == "" {
			return c, nil, nil
		}
		c.Endpoint = c.exporterURL(signal)
		if c.Protocol == GRPC {
			return c, nil, nil
		}
		return c, &http.Client{Transport: c.address.Transport(), Timeout: c.Timeout}, nil
	}
	transport, err := c.Spool.Transport(signal, c.endpoint())
	if err != nil {
		return c, nil, err
	}
	c.Protocol, c.Headers, c.Gzip = HTTP, map[string]string{}, false // The spool's to send, and to compress.
	c.Endpoint = c.exporterURL(signal)
	return c, &http.Client{Transport: transport}, nil
}

// exporterURL returns the URL for OpenTelemetry's exporters, which know no sockets. With gRPC
// it is an IP address, so that the name is not resolved before the socket is dialed.
func (c Config) exporterURL(signal spool.Signal) string {
	switch {
	case c.address.Socket == "":
		return c.Endpoint
	case c.Protocol == GRPC:
		return "http://127.0.0.1:4317"
	default:
		return "http://localhost/v1/" + string(signal)
	}
}

// endpoint is where the spool sends what it has.
func (c Config) endpoint() spool.Endpoint {
	return spool.Endpoint{
		URL: c.Endpoint, GRPC: c.Protocol == GRPC, Headers: c.Headers, Timeout: c.Timeout, TLS: c.TLS, Gzip: c.Gzip,
	}
}

// resolve returns the config with nothing left open. The path is where HTTP
// sends the signal by default.
func (c Config) resolve(path string) (Config, error) {
	switch c.Protocol {
	case "":
		c.Protocol = HTTP
	case HTTP, GRPC:
	default:
		return c, fmt.Errorf("protocol %q: want %s or %s", c.Protocol, HTTP, GRPC)
	}
	switch {
	case c.Endpoint != "":
	case c.Protocol == GRPC:
		c.Endpoint = "http://localhost:4317"
	default:
		c.Endpoint = "http://localhost:4318" + path
	}
	// The exporters log a URL that they cannot parse and send to the default one.
	address, err := otlpendpoint.Parse(c.Endpoint)
	if err != nil {
		return c, err
	}
	c.address = address
	switch {
	case address.URL.Scheme == "http":
		c.TLS = nil
	case c.TLS == nil:
		c.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	// Not nil, which would mean the variables' headers.
	headers := make(map[string]string, len(c.Headers))
	maps.Copy(headers, c.Headers)
	c.Headers = headers
	return c, nil
}

// SpoolEndpoint returns the endpoint of a signal as a spool takes it, with the defaults filled
// in. It fails as the exporters do for a config that cannot work.
func (c Config) SpoolEndpoint(signal spool.Signal) (spool.Endpoint, error) {
	c, err := c.resolve("/v1/" + string(signal))
	if err != nil {
		return spool.Endpoint{}, fmt.Errorf("otlp: %w", err)
	}
	return c.endpoint(), nil
}

// requests returns what takes requests of a signal that are ready to be sent.
func (c Config) requests(signal spool.Signal, path string) (func(request []byte, items int) error, error) {
	c, err := c.resolve(path)
	if err == nil && c.Spool == nil {
		err = errors.New("there is no spool")
	}
	if err != nil {
		return nil, fmt.Errorf("otlp: take requests of %s: %w", signal, err)
	}
	put, err := c.Spool.Requests(signal, c.endpoint())
	if err != nil {
		return nil, fmt.Errorf("otlp: take requests of %s: %w", signal, err)
	}
	return put, nil
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"crypto/tls"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/voice-agents/telemetry/internal/otlp/endpoint"
	"github.com/voice-agents/telemetry/internal/spool"
)

// Protocol is the transport of OTLP requests.
type Protocol string

// The protocols, spelled as in OTEL_EXPORTER_OTLP_PROTOCOL.
const (
	HTTP Protocol = "http/protobuf"
	GRPC Protocol = "grpc"
)

// defaultTimeout bounds one attempt to send a request.
const defaultTimeout = 10 * time.Second

// Collector is the OTLP endpoint of one signal. The zero Collector is one on this host that
// is reached over HTTP, as in the specification.
type Collector struct {
	// Protocol is HTTP by default.
	Protocol Protocol
	// Endpoint is the URL of the signal, over HTTP with its path. The scheme, http or https,
	// decides whether TLS is used. If it is empty, requests go to http://localhost:4318 and the
	// signal's usual path, such as /v1/traces, or over gRPC to http://localhost:4317.
	//
	// A Unix socket is unix:///run/otel.sock, unix:path for a relative path, or on Linux
	// unix:@name for an abstract one. It is used without TLS. Over HTTP, requests go to the
	// signal's usual path, such as /v1/traces.
	Endpoint string
	// Headers are sent with each request. They may hold credentials; errors do not include them.
	Headers map[string]string
	// Timeout bounds one attempt to send a request; 0 is 10 s.
	Timeout time.Duration
	Gzip    bool
	// TLS is used with https and ignored with http; nil is the system's configuration.
	TLS *tls.Config
}

// SpoolEndpoint returns the endpoint of a signal for the spool, with the defaults filled in.
// It fails if the protocol or the endpoint is invalid.
func (c Collector) SpoolEndpoint(signal spool.Signal) (spool.Endpoint, error) {
	switch c.Protocol {
	case "":
		c.Protocol = HTTP
	case HTTP, GRPC:
	default:
		return spool.Endpoint{}, fmt.Errorf("OTLP exporter of %s: protocol %q: want %s or %s", signal, c.Protocol, HTTP, GRPC)
	}
	switch {
	case c.Endpoint != "":
	case c.Protocol == GRPC:
		c.Endpoint = "http://localhost:4317"
	default:
		c.Endpoint = "http://localhost:4318/v1/" + string(signal)
	}
	address, err := endpoint.Parse(c.Endpoint)
	if err != nil {
		return spool.Endpoint{}, fmt.Errorf("OTLP exporter of %s: %w", signal, err)
	}
	switch {
	case address.URL.Scheme == "http": // A certificate for all signals does not force TLS on this one.
		c.TLS = nil
	case c.TLS == nil:
		c.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	return spool.Endpoint{
		URL: c.Endpoint, GRPC: c.Protocol == GRPC, Headers: maps.Clone(c.Headers), Timeout: c.Timeout, TLS: c.TLS, Gzip: c.Gzip,
	}, nil
}

// spoolURL is the URL that OpenTelemetry's exporters send to. Their HTTP client is the spool,
// which delivers to the collector, so the host is never contacted.
func spoolURL(signal spool.Signal) string { return "http://localhost/v1/" + string(signal) }

// spoolClient returns the HTTP client that hands requests of a signal to the spool.
func (s *Set) spoolClient(signal spool.Signal, c Collector) (*http.Client, error) {
	to, err := c.SpoolEndpoint(signal)
	if err != nil {
		return nil, err
	}
	transport, err := s.Spool.Transport(signal, to)
	if err != nil {
		return nil, err
	}
	return &http.Client{Transport: transport}, nil
}

// spoolRequests returns the function that hands encoded requests of a signal to the spool.
func (s *Set) spoolRequests(signal spool.Signal, c Collector) (func(request []byte, items int) error, error) {
	to, err := c.SpoolEndpoint(signal)
	if err != nil {
		return nil, err
	}
	return s.Spool.Requests(signal, to)
}

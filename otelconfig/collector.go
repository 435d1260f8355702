// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelconfig

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/otelconf"
	"go.opentelemetry.io/otel/baggage"

	"github.com/voice-agents/telemetry/internal/bootstrap/export"
)

// otlp is what the exporters of the file have in common.
type otlp struct {
	endpoint, compression, headersList *string
	headers                            []otelconf.NameStringValuePair
	timeout                            *int // Milliseconds.
	ca, cert, key                      *string
	insecure                           bool
	encoding                           *otelconf.OTLPHttpEncoding
	grpc                               bool
}

func ofHTTP(e *otelconf.OTLPHttpExporter) otlp {
	o := otlp{
		endpoint: e.Endpoint, compression: e.Compression, headersList: e.HeadersList, headers: e.Headers, timeout: e.Timeout, encoding: e.Encoding,
	}
	if e.Tls != nil {
		o.ca, o.cert, o.key = e.Tls.CaFile, e.Tls.CertFile, e.Tls.KeyFile
	}
	return o
}

func ofGRPC(e *otelconf.OTLPGrpcExporter) otlp {
	o := otlp{
		endpoint: e.Endpoint, compression: e.Compression, headersList: e.HeadersList, headers: e.Headers, timeout: e.Timeout, grpc: true,
	}
	if e.Tls != nil {
		o.ca, o.cert, o.key = e.Tls.CaFile, e.Tls.CertFile, e.Tls.KeyFile
		o.insecure = e.Tls.Insecure != nil && *e.Tls.Insecure
	}
	return o
}

// collector returns the collector that an exporter of the file sends to. The name is that of the
// exporter, in errors.
func (o otlp) collector(name string) (*export.Collector, error) {
	c, err := o.read()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

func (o otlp) read() (*export.Collector, error) {
	c := &export.Collector{Protocol: export.HTTP}
	if o.grpc {
		c.Protocol = export.GRPC
	}
	if o.encoding != nil && *o.encoding != otelconf.OTLPHttpEncodingProtobuf {
		return nil, fmt.Errorf("encoding %q: want protobuf", *o.encoding)
	}
	if o.endpoint != nil {
		c.Endpoint = *o.endpoint
		if o.grpc && !strings.Contains(c.Endpoint, "://") && !strings.HasPrefix(c.Endpoint, "unix:") { // host:port
			scheme := "https://"
			if o.insecure {
				scheme = "http://"
			}
			c.Endpoint = scheme + c.Endpoint
		}
		if u, err := url.Parse(c.Endpoint); err != nil || u.Scheme != "unix" && (u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			return nil, fmt.Errorf("endpoint %q: want the URL of a collector", redactedURL(u, c.Endpoint))
		}
	}
	switch compression := text(o.compression); compression {
	case "", "none":
	case "gzip":
		c.Gzip = true
	default:
		return nil, fmt.Errorf("unsupported compression %q: want gzip or none", compression)
	}
	if o.timeout != nil && *o.timeout > 0 {
		c.Timeout = time.Duration(*o.timeout) * time.Millisecond
	}
	var err error
	if c.Headers, err = o.readHeaders(); err != nil {
		return nil, err
	}
	c.TLS, err = o.readTLS()
	return c, err
}

// redactedURL returns an invalid endpoint without its password.
func redactedURL(u *url.URL, endpoint string) string {
	if u == nil {
		if _, host, ok := strings.Cut(endpoint, "@"); ok {
			return "…@" + host
		}
		return endpoint
	}
	return u.Redacted()
}

// readHeaders returns the headers. Those of the list have the form of baggage; headers take precedence.
func (o otlp) readHeaders() (map[string]string, error) {
	headers := make(map[string]string)
	if o.headersList != nil {
		list, err := baggage.Parse(*o.headersList)
		if err != nil {
			return nil, errors.New("invalid headers_list: want name=value,…") // The error of the parser may quote a secret.
		}
		for _, member := range list.Members() {
			headers[member.Key()] = member.Value()
		}
	}
	for _, h := range o.headers {
		if h.Name == "" {
			return nil, errors.New("invalid header: empty name")
		}
		if h.Value != nil {
			headers[h.Name] = *h.Value
		}
	}
	return headers, nil
}

// readTLS reads the certificates; nil if the file names none.
func (o otlp) readTLS() (*tls.Config, error) {
	if o.ca == nil && o.cert == nil && o.key == nil {
		return nil, nil //nolint:nilnil // The system's configuration is used.
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.ca != nil {
		pem, err := os.ReadFile(*o.ca)
		if err != nil {
			return nil, fmt.Errorf("tls.ca_file: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("tls.ca_file: no certificate in %s", *o.ca)
		}
	}
	if (o.cert == nil) != (o.key == nil) {
		return nil, errors.New("tls: cert_file and key_file have to be set together")
	}
	if o.cert != nil {
		pair, err := tls.LoadX509KeyPair(*o.cert, *o.key)
		if err != nil {
			return nil, fmt.Errorf("tls.cert_file: %w", err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	return cfg, nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

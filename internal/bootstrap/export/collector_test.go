// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package export_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/bootstrap/export"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

// signals are the three signals, each with a function that exports one item.
var signals = []struct {
	name, path string
	config     func(export.Collector) export.Config
	export     func(context.Context, *export.Set) error
}{
	{
		"traces", "/v1/traces",
		func(c export.Collector) export.Config { return export.Config{Traces: export.Signal{OTLP: &c}} },
		func(ctx context.Context, set *export.Set) error {
			p := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(set.SpanProcessors[0]))
			start(ctx, p.Tracer("test"), "span").End()
			return p.Shutdown(ctx)
		},
	},
	{
		"metrics", "/v1/metrics",
		func(c export.Collector) export.Config { return export.Config{Metrics: export.Signal{OTLP: &c}} },
		func(ctx context.Context, set *export.Set) error {
			p := sdkmetric.NewMeterProvider(sdkmetric.WithReader(set.Readers[0]))
			count(ctx, p.Meter("test"), nil)
			return p.Shutdown(ctx)
		},
	},
	{
		"logs", "/v1/logs",
		func(c export.Collector) export.Config { return export.Config{Logs: export.Signal{OTLP: &c}} },
		func(ctx context.Context, set *export.Set) error {
			set.Logs.Logger("test").Emit(ctx, log.Record{})
			return set.Logs.Shutdown(ctx)
		},
	},
}

// exportOne exports one item of a signal to a collector.
func exportOne(t *testing.T, signal int, c export.Collector) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	set, err := export.New(ctx, signals[signal].config(c))
	if err != nil {
		return err
	}
	return errors.Join(signals[signal].export(ctx, set), set.Spool.Shutdown(ctx))
}

func TestExportToCollector(t *testing.T) {
	for _, secure := range []bool{false, true} {
		for _, protocol := range []export.Protocol{export.HTTP, export.GRPC} {
			for i, signal := range signals {
				name := string(protocol) + "/" + signal.name
				if secure {
					name += " with TLS"
				}
				t.Run(name, func(t *testing.T) {
					r := otlptest.NewReceiver(t)
					var trust *tls.Config
					if secure {
						r = otlptest.NewTLSReceiver(t, nil)
						trust = trusting(t, r)
					}
					c := export.Collector{
						Protocol: protocol, Endpoint: r.GRPCEndpoint(), TLS: trust, Timeout: 15 * time.Second,
						Headers: map[string]string{"x-tenant": "a"}, Gzip: true,
					}
					encoding := "Grpc-Encoding"
					if protocol == export.HTTP {
						c.Endpoint, encoding = r.HTTPEndpoint()+"/prefix"+signal.path, "Content-Encoding"
					}
					if err := exportOne(t, i, c); err != nil {
						t.Fatal(err)
					}
					if got := len(r.AllSpans()) + len(r.AllMetrics()) + len(r.AllLogs()); got != 1 {
						t.Errorf("%d items arrived, want 1", got)
					}
					req := r.Requests()[0]
					if got := req.Header.Get("X-Tenant"); got != "a" {
						t.Errorf("tenant\ngot  %q\nwant a", got)
					}
					if got := req.Header.Get(encoding); got != "gzip" {
						t.Errorf("%s\ngot  %q\nwant gzip", encoding, got)
					}
					if protocol == export.HTTP && req.Path != "/prefix"+signal.path {
						t.Errorf("path\ngot  %s\nwant /prefix%s", req.Path, signal.path)
					}
				})
			}
		}
	}
}

// trusting returns a config that trusts only the receiver.
func trusting(t *testing.T, r *otlptest.Receiver) *tls.Config {
	t.Helper()
	certificate, err := x509.ParseCertificate(r.Certificate())
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
}

// A certificate that one signal needs does not force TLS on the http endpoint of another.
func TestTLSIsIgnoredWithHTTP(t *testing.T) {
	for _, protocol := range []export.Protocol{export.HTTP, export.GRPC} {
		for i, signal := range signals {
			t.Run(string(protocol)+"/"+signal.name, func(t *testing.T) {
				r := otlptest.NewReceiver(t)
				c := export.Collector{Protocol: protocol, Endpoint: r.GRPCEndpoint(), TLS: &tls.Config{MinVersion: tls.VersionTLS12}}
				if protocol == export.HTTP {
					c.Endpoint = r.HTTPEndpoint() + signal.path
				}
				if err := exportOne(t, i, c); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// Changes of the Headers map after New have no effect.
func TestHeadersAreCopied(t *testing.T) {
	r := otlptest.NewReceiver(t)
	headers := map[string]string{"x-tenant": "a"}
	set, err := export.New(t.Context(), signals[0].config(export.Collector{Endpoint: r.HTTPEndpoint() + "/v1/traces", Headers: headers}))
	if err != nil {
		t.Fatal(err)
	}
	headers["x-tenant"] = "b"
	if err := errors.Join(signals[0].export(t.Context(), set), set.Spool.Shutdown(t.Context())); err != nil {
		t.Fatal(err)
	}
	if got := r.Requests()[0].Header.Get("X-Tenant"); got != "a" {
		t.Errorf("tenant\ngot  %q\nwant a", got)
	}
}

func TestInvalidCollectors(t *testing.T) {
	secret := map[string]string{"authorization": "secret"}
	for _, tt := range []struct {
		name      string
		collector export.Collector
		want      string
	}{
		{"unknown protocol", export.Collector{Protocol: "http/json"}, `protocol "http/json": want http/protobuf or grpc`},
		{"no URL", export.Collector{Endpoint: "localhost:4318"}, "not an http or https URL"},
		{"no host", export.Collector{Endpoint: "http://:4318"}, "not an http or https URL"},
		{"unknown scheme", export.Collector{Protocol: export.GRPC, Endpoint: "dns:///collector"}, "not an http or https URL"},
		{"control character", export.Collector{Endpoint: "http://secret\x7f"}, "not an http or https URL"},
	} {
		for i, signal := range signals {
			t.Run(tt.name+"/"+signal.name, func(t *testing.T) {
				tt.collector.Headers = maps.Clone(secret)
				err := exportOne(t, i, tt.collector)
				if err == nil || !strings.HasPrefix(err.Error(), "exporters: OTLP exporter of "+signal.name+": ") || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("\ngot  %v\nwant %s", err, tt.want)
				}
				if err != nil && strings.Contains(err.Error(), "secret") {
					t.Errorf("the error contains a secret: %v", err)
				}
			})
		}
	}
}

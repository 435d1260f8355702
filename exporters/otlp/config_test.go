// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"crypto/tls"
	"crypto/x509"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/exporters/otlp"
	"github.com/voice-agents/telemetry/internal/otlptest"
)

func TestExport(t *testing.T) {
	for _, secure := range []bool{false, true} {
		for _, protocol := range []otlp.Protocol{otlp.HTTP, otlp.GRPC} {
			for _, signal := range signals {
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
					cfg := otlp.Config{
						Protocol: protocol, Endpoint: r.GRPCEndpoint(), TLS: trust, Timeout: 15 * time.Second,
						Headers: map[string]string{"x-tenant": "a"}, Gzip: true,
					}
					encoding := "Grpc-Encoding"
					if protocol == otlp.HTTP {
						cfg.Endpoint, encoding = r.HTTPEndpoint()+"/prefix"+signal.path, "Content-Encoding"
					}
					if err := export(t, signal.export, cfg); err != nil {
						t.Fatal(err)
					}
					if got := len(r.AllSpans()) + len(r.AllMetrics()) + len(r.AllLogs()); got != 1 {
						t.Errorf("%d records arrived, want 1", got)
					}
					req := r.Requests()[0]
					if got := req.Header.Get("X-Tenant"); got != "a" {
						t.Errorf("tenant\ngot  %q\nwant a", got)
					}
					if got := req.Header.Get(encoding); got != "gzip" {
						t.Errorf("%s\ngot  %q\nwant gzip", encoding, got)
					}
					if protocol == otlp.HTTP && req.Path != "/prefix"+signal.path {
						t.Errorf("path\ngot  %s\nwant /prefix%s", req.Path, signal.path)
					}
				})
			}
		}
	}
}

// trusting returns a config that trusts the receiver alone.
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

// A certificate for one signal must not make the exporters speak TLS to another
// one's http endpoint.
func TestTLSIsLeftAloneWithHTTP(t *testing.T) {
	for _, protocol := range []otlp.Protocol{otlp.HTTP, otlp.GRPC} {
		for _, signal := range signals {
			t.Run(string(protocol)+"/"+signal.name, func(t *testing.T) {
				r := otlptest.NewReceiver(t)
				cfg := otlp.Config{Protocol: protocol, Endpoint: r.GRPCEndpoint(), TLS: &tls.Config{MinVersion: tls.VersionTLS12}}
				if protocol == otlp.HTTP {
					cfg.Endpoint = r.HTTPEndpoint() + signal.path
				}
				if err := export(t, signal.export, cfg); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// The headers are the exporter's own: what its maker does to the map later does
// not reach it.
func TestConfigIsNotKept(t *testing.T) {
	r := otlptest.NewReceiver(t)
	headers := map[string]string{"x-tenant": "a"}
	e, err := otlp.NewSpanExporter(t.Context(), otlp.Config{Endpoint: r.HTTPEndpoint() + "/v1/traces", Headers: headers})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Shutdown(t.Context()) }()
	headers["x-tenant"] = "b"
	if err := e.ExportSpans(t.Context(), oneSpan()); err != nil {
		t.Fatal(err)
	}
	if got := r.Requests()[0].Header.Get("X-Tenant"); got != "a" {
		t.Errorf("tenant\ngot  %q\nwant a", got)
	}
}

func TestConfigsThatMakeNoSense(t *testing.T) {
	secret := map[string]string{"authorization": "secret"}
	for _, tt := range []struct {
		name string
		cfg  otlp.Config
		want string
	}{
		{"another protocol", otlp.Config{Protocol: "http/json"}, `protocol "http/json": want http/protobuf or grpc`},
		{"no URL", otlp.Config{Endpoint: "localhost:4318"}, "no http or https URL"},
		{"no host", otlp.Config{Endpoint: "http://:4318"}, "no http or https URL"},
		{"another scheme", otlp.Config{Protocol: otlp.GRPC, Endpoint: "dns:///collector"}, "no http or https URL"},
		{"a control character", otlp.Config{Endpoint: "http://secret\x7f"}, "no http or https URL"},
	} {
		for _, signal := range signals {
			t.Run(tt.name+"/"+signal.name, func(t *testing.T) {
				tt.cfg.Headers = maps.Clone(secret)
				err := export(t, signal.export, tt.cfg)
				if err == nil || !strings.HasPrefix(err.Error(), "otlp: make the exporter of ") || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("\ngot  %v\nwant %s", err, tt.want)
				}
				if err != nil && strings.Contains(err.Error(), "secret") {
					t.Errorf("the error tells a secret: %v", err)
				}
			})
		}
	}
}

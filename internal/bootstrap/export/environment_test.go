// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package export_test

import (
	"testing"

	"github.com/voice-agents/telemetry/internal/bootstrap/export"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

// OpenTelemetry's exporters read the process's variables when they are created. The configuration
// was read before, possibly from other variables: a field that it leaves zero stays unset.
func TestEnvironmentIsNotReadAgain(t *testing.T) {
	for _, tt := range []struct{ variable, value string }{
		{"HEADERS", "x-from-env=1"},
		{"ENDPOINT", "http://127.0.0.1:1"},
		{"INSECURE", "false"},
		{"COMPRESSION", "gzip"},
		{"TIMEOUT", "0"},
		{"CERTIFICATE", "testdata/ca.pem"},
	} {
		for _, protocol := range []export.Protocol{export.HTTP, export.GRPC} {
			for i, signal := range signals {
				t.Run(tt.variable+"/"+string(protocol)+"/"+signal.name, func(t *testing.T) {
					t.Setenv("OTEL_EXPORTER_OTLP_"+tt.variable, tt.value)
					r := otlptest.NewReceiver(t)
					c := export.Collector{Protocol: protocol, Endpoint: r.GRPCEndpoint()}
					if protocol == export.HTTP {
						c.Endpoint = r.HTTPEndpoint() + signal.path
					}
					if err := exportOne(t, i, c); err != nil {
						t.Fatal(err)
					}
					header := r.Requests()[0].Header
					if got := header.Get("X-From-Env"); got != "" {
						t.Errorf("the variable's header is sent: %s", got)
					}
					for _, name := range []string{"Content-Encoding", "Grpc-Encoding"} {
						if got := header.Get(name); got == "gzip" {
							t.Errorf("the body is compressed: %s %s", name, got)
						}
					}
				})
			}
		}
	}
}

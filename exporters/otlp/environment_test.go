// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"testing"

	"github.com/voice-agents/telemetry/exporters/otlp"
	"github.com/voice-agents/telemetry/internal/otlptest"
)

// OpenTelemetry's exporters read the process's variables when they are made. A
// config has been read from variables already, perhaps from others: what it says
// by leaving a field zero must stand.
func TestEnvironmentIsNotReadAgain(t *testing.T) {
	for _, tt := range []struct{ variable, value string }{
		{"HEADERS", "x-from-env=1"},
		{"ENDPOINT", "http://127.0.0.1:1"},
		{"INSECURE", "false"},
		{"COMPRESSION", "gzip"},
		{"TIMEOUT", "0"},
		{"CERTIFICATE", "testdata/ca.pem"},
	} {
		for _, protocol := range []otlp.Protocol{otlp.HTTP, otlp.GRPC} {
			for _, signal := range signals {
				t.Run(tt.variable+"/"+string(protocol)+"/"+signal.name, func(t *testing.T) {
					t.Setenv("OTEL_EXPORTER_OTLP_"+tt.variable, tt.value)
					r := otlptest.NewReceiver(t)
					cfg := otlp.Config{Protocol: protocol, Endpoint: r.GRPCEndpoint()}
					if protocol == otlp.HTTP {
						cfg.Endpoint = r.HTTPEndpoint() + signal.path
					}
					if err := export(t, signal.export, cfg); err != nil {
						t.Fatal(err)
					}
					header := r.Requests()[0].Header
					if got := header.Get("X-From-Env"); got != "" {
						t.Errorf("the header of the variable is sent: %s", got)
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

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// The variables can name a collector on a Unix socket, with the spool and without.
func TestCollectorOnAUnixSocket(t *testing.T) {
	for _, protocol := range []string{"http/protobuf", "grpc"} {
		for _, own := range []string{"", "TRACES_"} {
			dir, err := os.MkdirTemp("", "otel") //nolint:usetesting // The path of t.TempDir may be too long for a socket.
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			socket := filepath.Join(dir, "otel.sock")
			r := otlptest.NewReceiver(t)
			r.ServeSocket(t, socket, protocol == "grpc")
			tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&lockedBuffer{}), voicesdk.WithSpool(filepath.Join(dir, "spool")),
				variables("OTEL_EXPORTER_OTLP_"+own+"ENDPOINT", "unix://"+socket, "OTEL_EXPORTER_OTLP_PROTOCOL", protocol))
			if err != nil {
				t.Fatal(err)
			}
			oneCall(t.Context(), tel)
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if len(r.AllSpans()) != 2 || own == "" && (len(r.AllLogs()) == 0 || len(r.AllMetrics()) == 0) {
				t.Errorf("%s %s: %d spans, %d records, %d metrics arrived", protocol, own, len(r.AllSpans()), len(r.AllLogs()), len(r.AllMetrics()))
			}
		}
	}
}

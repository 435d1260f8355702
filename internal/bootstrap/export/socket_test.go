// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package export_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/bootstrap/export"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

// shortDir returns a directory whose path is short enough for a socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "otel") //nolint:usetesting // The path of t.TempDir may be too long for a socket.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// Each signal reaches a collector on a Unix socket over both protocols, for each form of the
// endpoint.
func TestExportToAUnixSocket(t *testing.T) {
	dir := shortDir(t)
	t.Chdir(dir)
	forms := map[string]struct{ address, endpoint string }{
		"absolute":        {filepath.Join(dir, "a.sock"), "unix://" + filepath.Join(dir, "a.sock")},
		"relative":        {"r.sock", "unix:r.sock"},
		"percent-encoded": {filepath.Join(dir, "with space.sock"), "unix://" + dir + "/with%20space.sock"},
	}
	if runtime.GOOS == "linux" {
		name := filepath.Base(dir)
		forms["abstract"] = struct{ address, endpoint string }{"@" + name + "a", "unix:@" + name + "a"}
		forms["abstract by its scheme"] = struct{ address, endpoint string }{"@" + name + "b", "unix-abstract:" + name + "b"}
	}
	for name, form := range forms {
		for _, protocol := range []export.Protocol{export.HTTP, export.GRPC} {
			for _, gzipped := range []bool{false, true} {
				t.Run(name+"/"+string(protocol), func(t *testing.T) {
					r := otlptest.NewReceiver(t)
					r.ServeSocket(t, form.address, protocol == export.GRPC)
					for i, signal := range signals {
						before := len(r.Requests())
						c := export.Collector{Protocol: protocol, Endpoint: form.endpoint, Gzip: gzipped, Headers: map[string]string{"x-tenant": "a"}}
						if err := exportOne(t, i, c); err != nil {
							t.Fatalf("%s: %v", signal.name, err)
						}
						requests := r.Requests()[before:]
						if len(requests) != 1 {
							t.Fatalf("%s: %d requests arrived, want 1", signal.name, len(requests))
						}
						if req := requests[0]; protocol == export.HTTP && req.Path != signal.path || req.Header.Get("X-Tenant") != "a" {
							t.Errorf("%s: %+v", signal.name, req)
						}
					}
				})
			}
		}
	}
}

// Errors name a socket that does not exist.
func TestErrorsNameAMissingSocket(t *testing.T) {
	for _, protocol := range []export.Protocol{export.HTTP, export.GRPC} {
		socket := filepath.Join(shortDir(t), "none.sock")
		set, err := export.New(t.Context(), signals[0].config(export.Collector{Protocol: protocol, Endpoint: "unix://" + socket}))
		if err != nil {
			t.Fatal(err)
		}
		if err := signals[0].export(t.Context(), set); err != nil {
			t.Fatal(err)
		}
		if err := set.Spool.Shutdown(canceled(t)); err == nil {
			t.Errorf("%s: Shutdown returned no error", protocol)
		}
		if got := set.Spool.Health()[0].LastError; got != "" && !strings.Contains(got, "unix://"+socket) {
			t.Errorf("%s: the newest error is %q", protocol, got)
		}
	}
}

// canceled returns a context that ends after an attempt.
func canceled(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

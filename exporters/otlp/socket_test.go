// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/exporters/otlp"
	"github.com/voice-agents/telemetry/exporters/spool"
	"github.com/voice-agents/telemetry/internal/otlptest"
)

// shortDir is a directory whose path has room for the name of a socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "otel") //nolint:usetesting // The path of t.TempDir may be too long for a socket.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// Each signal gets to a collector on a Unix socket, over both protocols, with and without the
// spool, whatever the form of the endpoint.
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
		for _, protocol := range []otlp.Protocol{otlp.HTTP, otlp.GRPC} {
			for _, gzipped := range []bool{false, true} {
				t.Run(name+"/"+string(protocol), func(t *testing.T) {
					r := otlptest.NewReceiver(t)
					r.ServeSocket(t, form.address, protocol == otlp.GRPC)
					for _, signal := range signals {
						before := len(r.Requests())
						cfg := otlp.Config{Protocol: protocol, Endpoint: form.endpoint, Gzip: gzipped, Headers: map[string]string{"x-tenant": "a"}}
						if err := export(t, signal.export, cfg); err != nil {
							t.Fatalf("%s: %v", signal.name, err)
						}
						var err error
						if cfg.Spool, err = spool.New(spool.Config{}); err != nil {
							t.Fatal(err)
						}
						if err := export(t, signal.export, cfg); err != nil {
							t.Fatalf("%s: %v", signal.name, err)
						}
						if err := cfg.Spool.Shutdown(t.Context()); err != nil {
							t.Errorf("%s through a spool: %v", signal.name, err)
						}
						requests := r.Requests()[before:]
						if len(requests) != 2 {
							t.Fatalf("%s: %d requests arrived, want 2", signal.name, len(requests))
						}
						for _, req := range requests {
							if protocol == otlp.HTTP && req.Path != signal.path || req.Header.Get("X-Tenant") != "a" {
								t.Errorf("%s: %+v", signal.name, req)
							}
						}
					}
				})
			}
		}
	}
}

// A socket that is not there is named in errors.
func TestUnixSocketThatIsNotThereIsNamed(t *testing.T) {
	for _, protocol := range []otlp.Protocol{otlp.HTTP, otlp.GRPC} {
		sp, err := spool.New(spool.Config{})
		if err != nil {
			t.Fatal(err)
		}
		socket := filepath.Join(shortDir(t), "none.sock")
		if err := export(t, exportSpan, otlp.Config{Protocol: protocol, Endpoint: "unix://" + socket, Spool: sp}); err != nil {
			t.Fatal(err)
		}
		err = sp.Shutdown(canceled(t))
		if err == nil {
			t.Errorf("%s: nothing is wrong with a socket that is not there", protocol)
		}
		if got := sp.Health()[0].LastError; got != "" && !strings.Contains(got, "unix://"+socket) {
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

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/internal/testing/freeport"
)

// newReceiver starts a service's bench with a receiver in a process of its own, on an address
// of TCP or the path of a socket.
func newReceiver(t *testing.T, address string) *bench {
	t.Helper()
	b := newService(t)
	program := filepath.Join(t.TempDir(), "receiver")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./receiver").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	receiver := exec.Command(program, "-listen", address, "-received", b.received)
	receiver.Stderr = t.Output()
	if err := receiver.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = receiver.Process.Kill()
		_ = receiver.Wait()
	})
	network := "tcp"
	if strings.HasPrefix(address, "/") {
		network = "unix"
	}
	backend.Eventually(t, "the receiver listens", func() bool {
		conn, err := net.Dial(network, address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return b
}

// newFronted starts one with a front before the receiver, which the service sends to.
func newFronted(t *testing.T) (*bench, *backend.Front) {
	t.Helper()
	address := fmt.Sprintf("127.0.0.1:%d", freeport.TCP(t))
	b := newReceiver(t, address)
	front := backend.NewFront(t, "http://"+address)
	b.sendTo(front.URL)
	// On a busy machine an answer may take a second, and what is sent again then is there twice.
	b.env = append(b.env, "OTEL_EXPORTER_OTLP_TIMEOUT=10000")
	return b, front
}

// A proxy that takes less than the requests have, as nginx does with 1 MiB, loses nothing.
func TestProxyThatRefusesLargeRequests(t *testing.T) {
	for _, gzipped := range []bool{false, true} {
		t.Run(fmt.Sprintf("gzip %t", gzipped), func(t *testing.T) {
			b, front := newFronted(t)
			limit := int64(16 << 10)
			if gzipped {
				b.env = append(b.env, "OTEL_EXPORTER_OTLP_COMPRESSION=gzip")
				limit = 4 << 10
			}
			var refused atomic.Int64
			front.Filter(func(w http.ResponseWriter, r *http.Request) bool {
				if r.ContentLength > limit {
					refused.Add(1)
					w.WriteHeader(http.StatusRequestEntityTooLarge)
				}
				return r.ContentLength <= limit
			})
			b.start(t)
			during(5 * time.Second)
			b.end(t)
			b.complete(t, 0)
			if n := refused.Load(); n == 0 || n > 60 {
				t.Errorf("%d requests were refused for their size, want a few", n)
			}
		})
	}
}

// A collector answers 500 for forty seconds.
func TestCollectorFailsForFortySeconds(t *testing.T) {
	b, front := newFronted(t)
	b.start(t)
	during(2 * time.Second)
	front.Instead(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	during(40 * time.Second)
	front.Instead(nil)
	during(2 * time.Second)
	b.end(t)
	b.drain(t)
	b.complete(t, 0)
}

// A collector that takes no gzip takes the same without it.
func TestCollectorThatRefusesGzip(t *testing.T) {
	b, front := newFronted(t)
	b.env = append(b.env, "OTEL_EXPORTER_OTLP_COMPRESSION=gzip")
	var refused atomic.Int64
	front.Filter(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Content-Encoding") != "" {
			refused.Add(1)
			w.WriteHeader(http.StatusUnsupportedMediaType)
			return false
		}
		return true
	})
	b.start(t)
	during(3 * time.Second)
	b.end(t)
	b.complete(t, 0)
	if n := refused.Load(); n != 3 {
		t.Errorf("%d compressed requests were refused, want one of each signal", n)
	}
}

// A collector that refuses everything for good is an error of Shutdown that says how much was
// refused. When it is mended, otelvoice spool resend sends it.
func TestCollectorThatRefusesEverything(t *testing.T) {
	b, front := newFronted(t)
	front.Instead(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no such tenant", http.StatusBadRequest) })
	b.start(t, "-calls", "20")
	var said strings.Builder
	during(2 * time.Second)
	// The service has begun to write to the test's output. What matters is its last word.
	if err := b.service.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := b.service.Wait(); err == nil {
		t.Error("the service ends as if nothing had been refused")
	}
	front.Instead(nil)
	program := filepath.Join(t.TempDir(), "otelvoice")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "github.com/voice-agents/telemetry/cmd/otelvoice")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for range 2 { // The second time there is nothing to send.
		resend := exec.CommandContext(t.Context(), program, "spool", "resend", "-endpoint", front.URL, b.spool)
		out, err := resend.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		said.Write(out)
	}
	t.Log(said.String())
	b.complete(t, 0)
}

// A collector that is back while the service is in its pause gets all of it from Shutdown.
func TestLastAttemptAtShutdown(t *testing.T) {
	b, front := newFronted(t)
	front.Instead(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "600")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	b.start(t)
	during(3 * time.Second)
	front.Instead(nil)
	b.end(t)
	b.complete(t, 0)
}

// The spool's directory is deleted while the collector is away.
func TestSpoolDirectoryDeletedDuringOutage(t *testing.T) {
	b, front := newFronted(t)
	front.Instead(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	b.start(t)
	during(3 * time.Second)
	if err := os.RemoveAll(b.spool); err != nil {
		t.Fatal(err)
	}
	during(3 * time.Second)
	b.end(t)
	front.Instead(nil)
	b.drain(t)
	b.complete(t, 0)
}

// A collector on a Unix socket.
func TestCollectorOnAUnixSocket(t *testing.T) {
	dir, err := os.MkdirTemp("", "otel") //nolint:usetesting // The path of t.TempDir may be too long for a socket.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "otel.sock")
	b := newReceiver(t, socket)
	b.sendTo("unix://" + socket)
	b.start(t)
	during(2 * time.Second)
	b.end(t)
	b.complete(t, 0)
}

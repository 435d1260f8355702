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

// newReceiver returns a bench with a receiver in a process of its own, on a TCP address or a Unix
// socket.
func newReceiver(t *testing.T, address string) *bench {
	t.Helper()
	b := newService(t)
	receiver := exec.Command(backend.Build(t, "e2e", "spool", "receiver"), "-listen", address, "-received", b.received)
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

// newFronted returns a bench with a front before the receiver.
func newFronted(t *testing.T) (*bench, *backend.Front) {
	t.Helper()
	address := fmt.Sprintf("127.0.0.1:%d", freeport.TCP(t))
	b := newReceiver(t, address)
	front := backend.NewFront(t, "http://"+address)
	b.sendTo(front.URL)
	// On a busy machine an answer may take a second. A retry would then duplicate items.
	b.env = append(b.env, "OTEL_EXPORTER_OTLP_TIMEOUT=10000")
	return b, front
}

// A proxy with a limit below the size of requests, as nginx's 1 MiB, loses nothing.
func TestProxyThatRejectsLargeRequests(t *testing.T) {
	t.Parallel()
	for _, gzipped := range []bool{false, true} {
		t.Run(fmt.Sprintf("gzip %t", gzipped), func(t *testing.T) {
			t.Parallel()
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
				t.Errorf("%d requests were rejected for their size, want a few", n)
			}
		})
	}
}

// A collector answers 500 for forty seconds.
func TestCollectorFailsForFortySeconds(t *testing.T) {
	t.Parallel()
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

// A collector that rejects gzip gets uncompressed requests.
func TestCollectorThatRejectsGzip(t *testing.T) {
	t.Parallel()
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
		t.Errorf("%d compressed requests were rejected, want one of each signal", n)
	}
}

// If a collector rejects everything permanently, Shutdown returns an error with the number of rejected
// items. After a repair, otelvoice spool resend sends them.
func TestCollectorThatRejectsEverything(t *testing.T) {
	t.Parallel()
	b, front := newFronted(t)
	front.Instead(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no such tenant", http.StatusBadRequest) })
	b.start(t, "-calls", "20")
	var said strings.Builder
	during(2 * time.Second)
	// The service also writes to the test's output. Only its last line is checked.
	if err := b.service.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := b.service.Wait(); err == nil {
		t.Error("the service ended without an error")
	}
	front.Instead(nil)
	program := backend.Build(t, "cmd", "otelvoice")
	for range 2 { // The second run has nothing to send.
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

// If the collector returns during the service's pause, Shutdown delivers everything.
func TestLastAttemptAtShutdown(t *testing.T) {
	t.Parallel()
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

// The spool's directory is deleted while the collector is down.
func TestSpoolDirectoryDeletedDuringOutage(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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

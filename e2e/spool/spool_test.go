// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package spool_test checks that a service's telemetry arrives after failures of its collector, its
// disk or itself. A real process with a hundred concurrent calls sends to a real collector, and tests
// compare the ledger of the process with the data of the collector.
package spool_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/e2e/ledger"
)

// bench has a service, its spool and a collector.
type bench struct {
	program   string
	ledger    string
	spool     string
	received  string
	env       []string
	collector *backend.Collector
	service   *exec.Cmd
}

// newBench returns a bench with the OpenTelemetry Collector.
func newBench(t *testing.T) *bench {
	t.Helper()
	b := newService(t)
	b.collector = backend.NewCollector(t, []string{backend.File(t, "e2e", "ledger", "collector.yaml")}, "RECEIVED="+b.received)
	b.sendTo("http://" + b.collector.HTTP)
	return b
}

// newService returns a bench without a collector.
func newService(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	b := &bench{
		program: backend.Build(t, "e2e", "spool", "writer"), ledger: filepath.Join(dir, "ledger"), spool: filepath.Join(dir, "spool"),
		received: filepath.Join(dir, "received"),
	}
	if err := os.Mkdir(b.received, 0o700); err != nil {
		t.Fatal(err)
	}
	return b
}

// sendTo sets the address to which services send that are started later.
func (b *bench) sendTo(address string) {
	b.env = []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + address, "OTELVOICE_SPOOL_DIR=" + b.spool, "LOG_OUTPUT=none",
		"OTEL_BSP_SCHEDULE_DELAY=200", "OTEL_BLRP_SCHEDULE_DELAY=200", "OTEL_METRIC_EXPORT_INTERVAL=370", // No test ends at a multiple of 370 ms, because the SDK's reader drops a collection that a shutdown interrupts.
		"OTEL_EXPORTER_OTLP_TIMEOUT=1000",
	}
}

// batchInterval is the maximum time until an item is in the spool: the delay of a batch, its encoding,
// and a margin for a busy machine.
const batchInterval = time.Second

// start starts the service.
func (b *bench) start(t *testing.T, args ...string) {
	t.Helper()
	b.service = exec.Command(b.program, append([]string{"-ledger", b.ledger}, args...)...)
	b.service.Env = append(os.Environ(), b.env...)
	b.service.Stderr = t.Output()
	if err := b.service.Start(); err != nil {
		t.Fatal(err)
	}
	service := b.service
	t.Cleanup(func() {
		if service.ProcessState == nil {
			_ = service.Process.Kill()
			_ = service.Wait()
		}
	})
}

// end asks the service to end and waits for it.
func (b *bench) end(t *testing.T) {
	t.Helper()
	if err := b.service.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := b.service.Wait(); err != nil {
		t.Errorf("the service failed: %v", err)
	}
}

// drain starts a service without calls, which delivers the leftovers of others.
func (b *bench) drain(t *testing.T) {
	t.Helper()
	if !b.left(t) {
		return
	}
	b.start(t, "-calls", "0")
	_ = b.service.Wait() // Without calls it delivers and exits.
	backend.Eventually(t, "the spool is empty", func() bool {
		if !b.left(t) {
			return true
		}
		b.start(t, "-calls", "0")
		_ = b.service.Wait()
		return false
	})
}

func (b *bench) left(t *testing.T) bool {
	t.Helper()
	segments, err := filepath.Glob(filepath.Join(b.spool, "*.spool"))
	if err != nil {
		t.Fatal(err)
	}
	return len(segments) > 0
}

// judge compares the ledgers with the data of the collector.
func (b *bench) judge(t *testing.T) ledger.Verdict {
	t.Helper()
	written, err := ledger.Read(b.ledger)
	if err != nil {
		t.Fatal(err)
	}
	v := ledger.Judge(written, received(t, b.received))
	t.Log(v)
	if len(v.Written) < 1000 {
		t.Errorf("only %d entries were written, too few for this test", len(v.Written))
	}
	return v
}

// received returns the ledger IDs of the collector's data.
func received(t *testing.T, dir string) map[string][]string {
	t.Helper()
	ids := make(map[string][]string)
	for r, err := range ledger.Received(dir) {
		if err != nil {
			t.Fatal(err)
		}
		for s := range r.Spans() {
			ids["span"] = append(ids["span"], s.SpanID)
		}
		for l := range r.Records() {
			if id := l.Attributes.Get("ledger.id"); id != "" {
				ids["log"] = append(ids["log"], id)
			}
		}
		for m := range r.Metrics() {
			if m.Name == "ledger.sequence" {
				ids["metric"] = append(ids["metric"], fmt.Sprintf("%s-%d", m.Resource.Get("process.pid"), m.Gauge.DataPoints[0].AsInt))
			}
		}
	}
	return ids
}

// complete checks that nothing is lost or out of order.
func (b *bench) complete(t *testing.T, twice int) {
	t.Helper()
	v := b.judge(t)
	if len(v.Lost) > 0 || v.Disorder > 0 || v.Foreign > 0 || v.Twice > twice {
		t.Errorf("%s; want none lost, none out of order, at most %d twice; the first lost: %v", v, twice, v.Lost[:min(len(v.Lost), 5)])
	}
}

func during(d time.Duration) { <-time.After(d) }

// A collector is down for a minute.
func TestCollectorDown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.start(t)
	during(3 * time.Second)
	b.collector.Stop(t)
	during(time.Minute)
	b.collector.Start(t)
	during(3 * time.Second)
	b.end(t)
	b.drain(t)
	b.complete(t, 0)
}

// A collector is killed ten times. Requests that it had accepted but not answered arrive twice.
func TestCollectorKilled(t *testing.T) {
	t.Parallel()
	const kills = 10
	b := newBench(t)
	b.start(t)
	for range kills {
		during(time.Duration(500+rand.IntN(1000)) * time.Millisecond)
		b.collector.Kill(t)
		during(time.Duration(rand.IntN(500)) * time.Millisecond)
		b.collector.Start(t)
	}
	during(2 * time.Second)
	b.end(t)
	b.drain(t)
	const batch = 1024
	b.complete(t, 3*kills*batch) // One batch of each signal.
}

// A collector, or a proxy in front of it, misbehaves for some seconds in each way.
func TestCollectorMisbehaves(t *testing.T) {
	t.Parallel()
	for name, misbehave := range map[string]func(w http.ResponseWriter, r *http.Request){
		"hangs": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // Otherwise the server would not notice that the service has disconnected.
			<-r.Context().Done()
		},
		"429 with Retry-After": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		},
		"503 with Retry-After": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		},
		"resets in mid body": func(w http.ResponseWriter, r *http.Request) {
			_, _ = r.Body.Read(make([]byte, 16))
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_ = conn.Close()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			front := backend.NewFront(t, "http://"+b.collector.HTTP)
			b.sendTo(front.URL)
			b.start(t)
			during(time.Second)
			front.Instead(misbehave)
			during(5 * time.Second)
			front.Instead(nil)
			during(2 * time.Second)
			b.end(t)
			b.drain(t)
			b.complete(t, 0)
		})
	}
}

// The service is killed twenty times. At most the items that were not yet in the spool are lost: those
// of the last batch interval before each kill.
func TestServiceKilled(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	type kill struct{ told, dead time.Time }
	var kills []kill
	for range 20 {
		b.start(t)
		during(time.Duration(700+rand.IntN(1000)) * time.Millisecond)
		told := time.Now()
		_ = b.service.Process.Kill()
		_ = b.service.Wait()
		kills = append(kills, kill{told, time.Now()})
	}
	b.drain(t)
	v := b.judge(t)
	for _, e := range v.Lost {
		if !slices.ContainsFunc(kills, func(k kill) bool { return e.At.After(k.told.Add(-batchInterval)) && e.At.Before(k.dead) }) {
			t.Errorf("an entry was lost that was written long before any kill: %v", e)
		}
	}
	if v.Disorder > 0 || v.Foreign > 0 {
		t.Error(v)
	}
	if len(v.Lost) > len(v.Written)/2 {
		t.Errorf("more than half of the entries were lost: %s", v)
	}
}

// Segments that are damaged after the service was killed lose only the damaged records.
func TestDamagedSegments(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.collector.Stop(t)
	b.start(t)
	during(4 * time.Second)
	killed := time.Now()
	_ = b.service.Process.Kill()
	_ = b.service.Wait()
	segments, err := filepath.Glob(filepath.Join(b.spool, "*.spool"))
	if err != nil || len(segments) < 3 {
		t.Fatalf("the segments are %v, %v", segments, err)
	}
	for i, path := range segments {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text[len(text)/2] ^= 0x10
		if i%2 == 0 {
			text = text[:len(text)-10]
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.collector.Start(t)
	b.drain(t)
	v := b.judge(t)
	const batch = 1024
	damaged := 0
	for _, e := range v.Lost {
		if e.At.Before(killed.Add(-batchInterval)) {
			damaged++
		}
	}
	if damaged == 0 || damaged > 2*len(segments)*batch || v.Twice > 0 || v.Disorder > 0 || v.Foreign > 0 {
		t.Errorf("%d entries were lost that were in the spool, with %d damaged segments; %s", damaged, len(segments), v)
	}
}

// A shutdown with a cancelled context loses nothing, whether the collector is reachable or not.
func TestShutdownWithCancelledContext(t *testing.T) {
	t.Parallel()
	for _, there := range []bool{true, false} {
		name := "the collector is there"
		if !there {
			name = "the collector is away"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			if !there {
				b.collector.Stop(t)
			}
			b.start(t, "-cancelled")
			during(2 * time.Second)
			b.end(t)
			if !there {
				b.collector.Start(t)
			}
			b.drain(t)
			b.complete(t, 0)
		})
	}
}

// On a full disk, items that do not fit into memory either are lost and counted. When the disk has
// space again, no more are lost.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := os.Mkdir(b.spool, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", b.spool).CombinedOutput(); err != nil {
		t.Skipf("not run: cannot mount a small disk here: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.CommandContext(context.Background(), "umount", "-l", b.spool).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	ballast := filepath.Join(b.spool, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 128<<20), 0o600); err == nil {
		t.Fatal("the disk is not full")
	}
	front := backend.NewFront(t, "http://"+b.collector.HTTP)
	front.Instead(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	b.sendTo(front.URL)
	b.start(t)
	during(4 * time.Second)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	during(time.Second)
	front.Instead(nil)
	during(3 * time.Second)
	b.end(t)
	b.drain(t)
	b.complete(t, 0) // Eight megabytes of memory hold the items of some seconds.
}

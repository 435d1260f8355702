// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package load_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/e2e/ledger"
	"github.com/voice-agents/telemetry/e2e/load"
)

// site is a collector with a front that counts the bytes of requests.
type site struct {
	dir      string
	received string
	front    *backend.Front
}

func newSite(tb testing.TB) *site {
	tb.Helper()
	s := &site{dir: tb.TempDir()}
	s.received = filepath.Join(s.dir, "received")
	if err := os.Mkdir(s.received, 0o700); err != nil {
		tb.Fatal(err)
	}
	collector := backend.NewCollector(tb, []string{backend.File(tb, "e2e", "ledger", "collector.yaml")}, "RECEIVED="+s.received)
	s.front = backend.NewFront(tb, "http://"+collector.HTTP)
	return s
}

// environment returns the variables of a service that sends to the site with default queues.
func (s *site) environment() []string {
	return []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + s.front.URL,
		"OTEL_METRIC_EXPORT_INTERVAL=1000",
		"OTEL_EXPORTER_OTLP_TIMEOUT=60000", // A busy machine must not cause a second attempt.
	}
}

// spool returns the variables for a spool on disk.
func (s *site) spool() string { return "OTELVOICE_SPOOL_DIR=" + filepath.Join(s.dir, "spool") }

// spooled returns the variables for a spool on disk and for queues that hold a round of a thousand
// calls. A test cannot rely on how soon one goroutine among a thousand empties them on a busy
// machine. [BenchmarkQueues] measures the losses of the default queues.
func (s *site) spooled() []string {
	return append(s.environment(), s.spool(), "OTEL_BSP_MAX_QUEUE_SIZE=65536", "OTEL_BLRP_MAX_QUEUE_SIZE=65536")
}

// ledger is the file in which the service writes the items that it made.
func (s *site) ledger() string { return filepath.Join(s.dir, "ledger") }

// serve runs a service to its end and returns its reports. It calls the given function for each
// report when it arrives.
func serve(tb testing.TB, env []string, hear func(load.Report), args ...string) (said reports) {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), backend.Build(tb, "e2e", "load", "calls"), args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = tb.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	for lines := json.NewDecoder(out); ; {
		var r load.Report
		err := lines.Decode(&r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			tb.Errorf("read the output of the service: %v", err)
			break
		}
		said = append(said, r)
		if hear != nil {
			hear(r)
		}
	}
	_, _ = io.Copy(io.Discard, out) // Otherwise the process blocks when its pipe is full.
	if err := cmd.Wait(); err != nil {
		tb.Fatalf("the service failed: %v", err)
	}
	return said
}

// reports are the reports of a service, in order.
type reports []load.Report

func (r reports) of(phase string) (some reports) {
	for _, report := range r {
		if report.Phase == phase {
			some = append(some, report)
		}
	}
	return some
}

func (r reports) last() load.Report { return r[len(r)-1] }

// cpu returns the CPU time of a turn in the rounds after the first, which is a warm-up.
func (r reports) cpu(turns int) time.Duration {
	var all time.Duration
	rounds := r.of(load.Delivered)[1:]
	for _, round := range rounds {
		all += round.CPU
	}
	return all / time.Duration(len(rounds)*turns)
}

// receipt is the telemetry that the collector received.
type receipt struct {
	ids    map[string][]string // IDs of spans, and the span IDs of log records.
	own    int                 // Records without a span: those of telemetry about itself.
	totals map[string]int64    // Of each metric: the sum or the count of its points in the last export.
}

func (s *site) receipt(tb testing.TB) receipt {
	tb.Helper()
	got := receipt{ids: make(map[string][]string), totals: make(map[string]int64)}
	for r, err := range ledger.Received(s.received) {
		if err != nil {
			tb.Fatal(err)
		}
		for span := range r.Spans() {
			got.ids["span"] = append(got.ids["span"], span.SpanID)
		}
		for record := range r.Records() {
			if record.SpanID == "" {
				got.own++
				continue
			}
			got.ids["log"] = append(got.ids["log"], record.SpanID)
		}
		for m := range r.Metrics() {
			total := int64(0)
			for _, p := range m.Sum.DataPoints {
				total += p.AsInt
			}
			for _, p := range m.Histogram.DataPoints {
				total += p.Count
			}
			got.totals[m.Name] = total
		}
	}
	return got
}

// written returns the spans that the service made. Each span ends with one log line.
func (s *site) written(tb testing.TB) (entries []ledger.Entry) {
	tb.Helper()
	spans, err := ledger.Read(s.ledger())
	if err != nil {
		tb.Fatal(err)
	}
	for _, span := range spans {
		entries = append(entries, span, ledger.Entry{Kind: "log", ID: span.ID, Group: span.Group, At: span.At})
	}
	return entries
}

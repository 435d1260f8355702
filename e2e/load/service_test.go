// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package load_test

import (
	"encoding/json"
	"errors"
	"fmt"
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

// site is a collector, and a front before it that counts what comes.
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

// environment has a service send to the site, with queues as they are by default.
func (s *site) environment() []string {
	return []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + s.front.URL,
		"OTEL_METRIC_EXPORT_INTERVAL=1000",
		"OTEL_EXPORTER_OTLP_TIMEOUT=60000", // A machine that is busy is no reason to send twice.
	}
}

// spool has what is sent wait on disk.
func (s *site) spool() string { return "OTELVOICE_SPOOL_DIR=" + filepath.Join(s.dir, "spool") }

// spooled has it wait on disk, and the queues before the spool hold a round of a thousand
// calls: how soon they are emptied, by one goroutine among a thousand and on a machine that
// is busy, is nothing for a test to count on. [BenchmarkQueues] has what the default ones lose.
func (s *site) spooled() []string {
	return append(s.environment(), s.spool(), "OTEL_BSP_MAX_QUEUE_SIZE=65536", "OTEL_BLRP_MAX_QUEUE_SIZE=65536")
}

// ledger is where the service writes what it has made.
func (s *site) ledger() string { return filepath.Join(s.dir, "ledger") }

// program is the service's, which TestMain builds.
var program string

func TestMain(m *testing.M) { os.Exit(withProgram(m.Run)) }

func withProgram(run func() int) (code int) {
	dir, err := os.MkdirTemp("", "load")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "calls")
	if out, err := exec.Command("go", "build", "-o", program, "./calls").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the service: %v: %s", err, out)
		return 1
	}
	return run()
}

// serve runs a service to its end, and returns what it said. It hears of each report when
// it comes.
func serve(tb testing.TB, env []string, hear func(load.Report), args ...string) (said reports) {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), program, args...)
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
			tb.Errorf("what the service says: %v", err)
			break
		}
		said = append(said, r)
		if hear != nil {
			hear(r)
		}
	}
	_, _ = io.Copy(io.Discard, out) // Otherwise the process blocks when its pipe is full.
	if err := cmd.Wait(); err != nil {
		tb.Fatalf("the service: %v", err)
	}
	return said
}

// reports are those of a service, in their order.
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

// cpu is that of a turn, in the rounds after the first, which warms up.
func (r reports) cpu(turns int) time.Duration {
	var all time.Duration
	rounds := r.of(load.Delivered)[1:]
	for _, round := range rounds {
		all += round.CPU
	}
	return all / time.Duration(len(rounds)*turns)
}

// receipt is what the collector has.
type receipt struct {
	ids    map[string][]string // Of spans, and of the spans that log records are of.
	own    int                 // Records of none: telemetry's about itself.
	totals map[string]int64    // Of each metric: the sum or the count of its points, when it last came.
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

// written is what the service has made: each span ends with a line of its own.
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

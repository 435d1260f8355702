// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/deadletter"
	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// away is an address without a listener.
const away = "http://127.0.0.1:1"

// Requests over the limit are dropped, the oldest first, and counted. The rest arrive.
func TestBounds(t *testing.T) {
	body := strings.Repeat("x", 1000)
	for name, tt := range map[string]struct {
		cfg   queue.Config
		least int // Of a thousand requests of a kilobyte.
		most  int
	}{
		"of memory": {queue.Config{MaxMemory: 100_000}, 99, 100},
		"of disk":   {queue.Config{Dir: "disk", MaxBytes: 100_000}, 70, 97},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.cfg.Dir != "" {
				tt.cfg.Dir = t.TempDir()
			}
			c := newCollector(t)
			hold := make(chan struct{})
			c.answers(func(int, http.ResponseWriter, string) bool { <-hold; return true })
			s, e := open(t, tt.cfg, collector.Endpoint{URL: c.URL})
			for i := range 1000 {
				if err := e.send(t, fmt.Sprintf("%06d%s", i, body)); err != nil {
					t.Fatal(err)
				}
			}
			h := s.Health()[0]
			if h.Disk > tt.cfg.MaxBytes && tt.cfg.Dir != "" || h.Memory > tt.cfg.MaxMemory && tt.cfg.Dir == "" {
				t.Errorf("queue exceeds its limit: %+v", h)
			}
			close(hold)
			flush(t, s)
			got := c.got()
			if !slices.IsSorted(got) {
				t.Error("the requests are out of order")
			}
			// The first was being sent.
			if len(got) < tt.least || len(got) > tt.most+1 || got[len(got)-1] != "000999"+body {
				t.Errorf("%d arrived, the last %.10s; want %d to %d", len(got), got[len(got)-1], tt.least, tt.most)
			}
			if lost := s.Health()[0].Dropped[report.ReasonFull]; int(lost) != 1000-len(got) {
				t.Errorf("%d are counted as lost, but %d are lost", lost, 1000-len(got))
			}
		})
	}
}

// A request larger than the whole capacity is rejected.
func TestTooLarge(t *testing.T) {
	s, e := open(t, queue.Config{MaxMemory: 1000}, collector.Endpoint{URL: away})
	if err := e.send(t, strings.Repeat("x", 2000)); err == nil {
		t.Error("the request was accepted")
	}
	if lost := s.Health()[0].Dropped[report.ReasonFull]; lost != 1 {
		t.Errorf("%d are counted as lost", lost)
	}
}

// Requests that wait for too long are dropped and counted.
func TestTooOld(t *testing.T) {
	q := queue.NewQueue(segment.Logs, queue.Config{MaxAge: time.Hour}.Filled(), &report.Stats{}, report.NewReporter())
	now := time.Now()
	for i, at := range []time.Time{now.Add(-2 * time.Hour), now.Add(-61 * time.Minute), now} {
		if err := q.Put(segment.Request{At: at, Items: i + 1, Payload: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	r, ok, _, _ := q.Take(now)
	if !ok || r.Items != 3 {
		t.Errorf("took %+v, %t", r, ok)
	}
	if lost := q.Stats.Drops()[report.ReasonExpired]; lost != 3 {
		t.Errorf("%d are counted as too old, want 3", lost)
	}
}

// Without a disk, requests that cannot be sent before the end are lost, and Shutdown reports them.
func TestShutdownCountsRequestsInMemoryAsLost(t *testing.T) {
	s, e := open(t, queue.Config{}, collector.Endpoint{URL: away})
	for _, body := range numbered(3) {
		if err := e.send(t, body); err != nil {
			t.Fatal(err)
		}
	}
	err := shutdown(s)
	if err == nil || !strings.Contains(err.Error(), "3 log records were not sent") {
		t.Errorf("got %v", err)
	}
	if lost := s.Health()[0].Dropped[report.ReasonShutdown]; lost != 3 {
		t.Errorf("%d are counted as lost", lost)
	}
}

// Requests wait in memory while the disk fails. The failure is reported when it begins and when it
// ends, and leaves no partial record.
func TestDiskThatFails(t *testing.T) {
	dir := t.TempDir()
	tell := report.NewReporter()
	q := queue.NewQueue(segment.Logs, queue.Config{Dir: dir}.Filled(), &report.Stats{}, tell)
	put := func(n int) {
		t.Helper()
		if err := q.Put(segment.Request{At: time.Now(), Items: n, Payload: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	put(1)
	good := q.Last().File
	bad, err := os.Open(q.Last().Path) // Read-only, so writes fail.
	if err != nil {
		t.Fatal(err)
	}
	q.Last().File = bad
	put(2)
	put(3)
	q.Segments[0].File = good
	if err := bad.Close(); err != nil {
		t.Fatal(err)
	}
	put(4)
	var order []int
	for {
		r, ok, _, _ := q.Take(time.Now())
		if !ok {
			break
		}
		order = append(order, r.Items)
		q.Settle(r)
	}
	if !slices.Equal(order, []int{1, 2, 3, 4}) {
		t.Errorf("the requests came in the order %v, want 1 to 4", order)
	}
	for _, want := range []string{"spool write failed, buffering logs in memory", "spool writes logs to disk again"} {
		if l := <-tell.Lines; !strings.Contains(l.Message, want) {
			t.Errorf("reported %q, want %q", l.Message, want)
		}
	}
	if lost, _ := q.Close(); lost > 0 {
		t.Errorf("%d items were lost", lost)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v are left, %v", left, err)
	}
}

// A running process adopts the requests of a process that ends.
func TestAdoptedLater(t *testing.T) {
	dir := t.TempDir()
	first, e := open(t, queue.Config{Dir: dir}, collector.Endpoint{URL: away})
	if err := e.send(t, "left"); err != nil {
		t.Fatal(err)
	}
	q := queue.NewQueue(segment.Logs, queue.Config{Dir: dir}.Filled(), &report.Stats{}, report.NewReporter())
	q.Adopt()
	if _, ok, _, _ := q.Take(time.Now()); ok {
		t.Error("another process took a request of a running process")
	}
	if err := shutdown(first); err != nil {
		t.Fatal(err)
	}
	q.Adopt()
	r, ok, _, _ := q.Take(time.Now())
	if !ok || string(r.Payload) != "left" {
		t.Errorf("took %q, %t", r.Payload, ok)
	}
	q.Settle(r)
	q.Close()
}

// Locks that no process holds are removed, when they are old enough.
func TestStaleLocks(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-time.Hour)
	for name, at := range map[string]time.Time{
		"logs-1-a.spool.lock": old, "logs-2-b.spool.lock": time.Now(), "logs-3-c.spool.lock": old, "logs-3-c.spool": old, "other.lock": old,
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	q := queue.NewQueue(segment.Logs, queue.Config{Dir: dir}.Filled(), &report.Stats{}, report.NewReporter())
	q.Adopt()
	q.Close()
	var left []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if want := []string{"logs-2-b.spool.lock", "logs-3-c.spool", "other.lock"}; !slices.Equal(left, want) {
		t.Errorf("left are %v, want %v", left, want)
	}
}

// Failures are reported when they begin and when they end, and losses with their number.
func TestReporterLogsBeginningAndEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tell := report.NewReporter()
		var reported []string
		say := func() {
			for {
				select {
				case l := <-tell.Lines:
					reported = append(reported, l.Level.String()+" "+l.Message+fmt.Sprint(l.Attrs))
				default:
					return
				}
			}
		}
		for range 5 {
			tell.Begin("c", "the collector is away", io.ErrUnexpectedEOF)
			<-time.After(time.Second)
		}
		tell.End("c", "it is back")
		tell.Begin("c", "the collector is away", io.ErrUnexpectedEOF) // Within the interval.
		tell.End("c", "it is back")
		tell.Dropping(segment.Logs, report.ReasonFull, 3)
		tell.Dropping(segment.Logs, report.ReasonFull, 4)
		tell.EndLosses(time.Now(), false)
		<-time.After(report.Interval)
		tell.EndLosses(time.Now(), false)
		tell.EndLosses(time.Now(), true)
		say()
		want := []string{
			"WARN the collector is away: unexpected EOF[]",
			"INFO it is back[after=5s]",
			"WARN log records are being lost: full[voice.signal=logs voice.spool.drop.reason=full]",
			"WARN log records were lost: full[lost=7]",
		}
		if !slices.Equal(reported, want) {
			t.Errorf("reported\n%s\nwant\n%s", strings.Join(reported, "\n"), strings.Join(want, "\n"))
		}
	})
}

// The file of dead letters is bounded.
func TestDeadLettersAreBounded(t *testing.T) {
	dir := t.TempDir()
	d := &deadletter.File{Dir: dir, Max: 2000}
	for range 100 {
		d.Add(segment.Logs, segment.Request{Items: 1, Payload: make([]byte, 100)}, "400 Bad Request")
	}
	total := int64(0)
	files, err := filepath.Glob(filepath.Join(dir, deadletter.FileName+"*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if len(files) != 2 || total > 4000 {
		t.Errorf("%d files of %d bytes", len(files), total)
	}
	(&deadletter.File{}).Add(segment.Logs, segment.Request{}, "nowhere")
}

// A request larger than the largest that can be read is rejected and counted, and not written.
func TestRequestLargerThanAnyRecord(t *testing.T) {
	q := queue.NewQueue(segment.Logs, queue.Config{Dir: t.TempDir(), MaxBytes: 1 << 30}.Filled(), &report.Stats{}, report.NewReporter())
	defer q.Close()
	if err := q.Put(segment.Request{At: time.Now(), Items: 7, Payload: make([]byte, segment.MaxPayload+1)}); err == nil {
		t.Error("the request was accepted")
	}
	if lost := q.Stats.Drops(); lost[report.ReasonFull] != 7 || q.OnDisk > 0 {
		t.Errorf("dropped %v, %d bytes are on disk", lost, q.OnDisk)
	}
}

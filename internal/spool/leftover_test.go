// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// leave writes files like killed processes, with one request in each.
func leave(t *testing.T, dir string, signal segment.Signal, n int) (texts []string) {
	t.Helper()
	begin := time.Now().Add(-time.Hour)
	for i := range n {
		at := begin.Add(time.Duration(i) * time.Millisecond)
		text := fmt.Sprintf("left %05d", i)
		texts = append(texts, text)
		b := segment.AppendRecord(segment.Start(signal), segment.Request{At: at, Items: 1, Payload: []byte(text)})
		must(t, os.WriteFile(filepath.Join(dir, segment.SegmentName(signal, at.UnixNano(), segment.NewID(), 1)), b, 0o600))
	}
	return texts
}

// openFiles counts the open descriptors of this process.
func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	return len(entries)
}

// takeAll takes all requests.
func takeAll(q *queue.Queue) (texts []string) {
	for {
		r, ok, _, _ := q.Take(time.Now())
		if !ok {
			return texts
		}
		texts = append(texts, string(r.Payload))
		q.Settle(r)
	}
}

// A start with thousands of files of earlier processes is fast and opens few descriptors.
func TestThousandsOfRestartsInAnOutageOpenFewFiles(t *testing.T) {
	dir := t.TempDir()
	for _, signal := range []segment.Signal{segment.Traces, segment.Metrics, segment.Logs} {
		leave(t, dir, signal, 1500)
	}
	before := openFiles(t)
	began := time.Now()
	s, err := New(queue.Config{Dir: dir})
	must(t, err)
	t.Cleanup(func() { _ = shutdown(s) })
	for _, signal := range []segment.Signal{segment.Traces, segment.Metrics, segment.Logs} {
		_, err := s.Transport(signal, collector.Endpoint{URL: away})
		must(t, err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("New and the first request took %v", took)
	}
	for _, h := range s.Health() {
		if h.Requests < 1500 || h.Items < 1500 || h.Disk < 1500*int64(segment.FileStart+segment.HeaderSize) || h.Oldest < time.Hour {
			t.Errorf("health: %+v", h)
		}
	}
	for s.Health()[2].Retried == 0 {
		runtime.Gosched()
	}
	if n := openFiles(t) - before; n > 3*4+6 { // Some are those of sockets.
		t.Errorf("%d more descriptors are open", n)
	}
}

// During a long outage a process keeps few of its own files open. All requests arrive in order.
func TestLongOutageOpensFewFiles(t *testing.T) {
	before := openFiles(t)
	q := queue.NewQueue(segment.Logs, queue.Config{Dir: t.TempDir(), SegmentBytes: 100}.Filled(), &report.Stats{}, report.NewReporter())
	defer q.Close()
	var want []string
	for i := range 200 {
		want = append(want, fmt.Sprintf("%03d", i)+strings.Repeat("x", 100))
	}
	putText(t, q, time.Now(), want...)
	if n := openFiles(t) - before; n > queue.MaxOpen+3 {
		t.Errorf("%d more descriptors are open", n)
	}
	if d := q.Depth(); d.Requests != 200 || d.Items != 200 {
		t.Errorf("depth is %+v", d)
	}
	if got := takeAll(q); !slices.Equal(got, want) {
		t.Errorf("%d arrived: %.3q", len(got), got)
	}
	if len(q.Stats.Drops()) > 0 {
		t.Errorf("dropped %v", q.Stats.Drops())
	}
}

// Leftovers arrive in order of age, even if there are more files than are listed at a time,
// after the requests that this process put before and before those that it puts later.
func TestLeftoversArriveInTheOrderOfTheirAge(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := queue.NewQueue(segment.Logs, queue.Config{Dir: dir}.Filled(), &report.Stats{}, report.NewReporter())
	defer q.Close()
	putText(t, q, time.Now().Add(-2*time.Hour), "older")
	want := append([]string{"older"}, leave(t, dir, segment.Logs, queue.MaxListed+500)...)
	q.Adopt()
	for i := range q.Leftovers { // That of the queue itself is not among them.
		if q.Known[q.Leftovers[i].Name] {
			t.Errorf("%s is listed", q.Leftovers[i].Name)
		}
	}
	got := takeAll(q)
	if !slices.Equal(got, want) {
		t.Errorf("%d arrived, want %d", len(got), len(want))
	}
	putText(t, q, time.Now(), "newer")
	if got := takeAll(q); !slices.Equal(got, []string{"newer"}) {
		t.Errorf("got %q", got)
	}
}

// MaxBytes bounds the files of earlier processes and of this one together. The oldest files are
// dropped and counted.
func TestLeftoversAreWithinMaxBytes(t *testing.T) {
	dir := t.TempDir()
	const files = 100
	for i := range files {
		at := time.Now().Add(time.Duration(i-files) * time.Second)
		b := segment.AppendRecord(segment.Start(segment.Logs), segment.Request{At: at, Items: 3, Payload: make([]byte, 5000)})
		must(t, os.WriteFile(filepath.Join(dir, segment.SegmentName(segment.Logs, at.UnixNano(), segment.NewID(), 1)), b, 0o600))
	}
	s, e := open(t, queue.Config{Dir: dir, MaxBytes: 100_000}, collector.Endpoint{URL: away})
	must(t, e.send(t, strings.Repeat("x", 5000)))
	deadline := time.Now().Add(30 * time.Second)
	for s.Health()[0].Disk > 100_000 && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	var total int64
	kept := glob(t, dir, "*.spool")
	for _, file := range kept {
		info, err := os.Stat(file)
		must(t, err)
		total += info.Size()
	}
	lost := s.Health()[0].Dropped[report.ReasonFull]
	if total > 100_000 || total < 80_000 || lost < 3*(files-20) || lost%3 != 0 {
		t.Errorf("%d bytes are left, %d are counted as dropped", total, lost)
	}
	must(t, shutdown(s))
	if got := delivered(t, dir); len(got)+int(lost/3) != files+1 {
		t.Errorf("%d requests are left and %d were dropped, want %d", len(got), lost/3, files+1)
	}
}

// Other processes do not take a process's closed files as long as it lives.
func TestBacklogOfALivingProcessIsNotTaken(t *testing.T) {
	dir := t.TempDir()
	cfg := queue.Config{Dir: dir, SegmentBytes: 100}.Filled()
	first, second := queue.NewQueue(segment.Logs, cfg, &report.Stats{}, report.NewReporter()), queue.NewQueue(segment.Logs, cfg, &report.Stats{}, report.NewReporter())
	defer second.Close()
	var want []string
	for i := range 20 {
		want = append(want, fmt.Sprintf("%02d", i)+strings.Repeat("x", 100))
	}
	putText(t, first, time.Now(), want...)
	second.Adopt()
	if got := takeAll(second); len(got) > 0 {
		t.Errorf("%d requests of a running process were taken", len(got))
	}
	first.Close()
	second.Adopt()
	if got := takeAll(second); !slices.Equal(got, want) {
		t.Errorf("%d requests arrived after its end", len(got))
	}
}

// If the lock of a living process is deleted, two processes may send its closed files, but
// nothing is sent twice, lost or counted as lost.
func TestLockDeletedUnderALivingProcess(t *testing.T) {
	dir := t.TempDir()
	cfg := queue.Config{Dir: dir, SegmentBytes: 100}.Filled()
	first, second := queue.NewQueue(segment.Logs, cfg, &report.Stats{}, report.NewReporter()), queue.NewQueue(segment.Logs, cfg, &report.Stats{}, report.NewReporter())
	defer first.Close()
	defer second.Close()
	var want []string
	for i := range 20 {
		want = append(want, fmt.Sprintf("%02d", i)+strings.Repeat("x", 100))
	}
	putText(t, first, time.Now(), want...)
	must(t, os.Remove(glob(t, dir, "*"+segment.LockSuffix)[0]))
	second.Adopt()
	r, ok, _, _ := second.Take(time.Now())
	if !ok {
		t.Fatal("no request was taken")
	}
	got := []string{string(r.Payload)}
	got = append(got, takeAll(first)...) // The files that the second has open are skipped.
	second.Settle(r)
	got = append(got, takeAll(second)...)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%d requests arrived: %.2q", len(got), got)
	}
	if d, e := first.Stats.Drops(), second.Stats.Drops(); len(d)+len(e) > 0 {
		t.Errorf("dropped %v and %v", d, e)
	}
	putText(t, first, time.Now(), want...)
	first.InspectAll(time.Now())
	glob(t, dir, "*"+segment.LockSuffix)
}

// Segments of earlier versions, which have a lock file each, are adopted unless the lock is held.
func TestSegmentsOfEarlierVersions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("earlier versions lock another part of the file here")
	}
	dir := t.TempDir()
	for _, name := range []string{"logs-00000000000000000001-aaaaaaaa.spool", "logs-00000000000000000002-bbbbbbbb.spool"} {
		must(t, os.WriteFile(filepath.Join(dir, name), segment.AppendRecord(segment.Start(segment.Logs), segment.Request{At: time.Now(), Items: 1, Payload: []byte(name)}), 0o600))
		must(t, os.WriteFile(filepath.Join(dir, name+segment.LockSuffix), nil, 0o600))
	}
	held, _, err := segment.OpenRegular(glob(t, dir, "*aaaaaaaa.spool.lock")[0], os.O_RDWR, segment.MaxLock)
	must(t, err)
	if ok, err := segment.TryLock(held, false); !ok || err != nil {
		t.Fatal(ok, err)
	}
	q := queue.NewQueue(segment.Logs, queue.Config{Dir: dir}.Filled(), &report.Stats{}, report.NewReporter())
	defer q.Close()
	q.Adopt()
	if got := takeAll(q); !slices.Equal(got, []string{"logs-00000000000000000002-bbbbbbbb.spool"}) {
		t.Errorf("got %q", got)
	}
	must(t, held.Close())
	q.Adopt()
	if got := takeAll(q); !slices.Equal(got, []string{"logs-00000000000000000001-aaaaaaaa.spool"}) {
		t.Errorf("got %q", got)
	}
}

// A leftover that is truncated or emptied while it waits loses only its own requests.
func TestLeftoversDeletedOneByOne(t *testing.T) {
	dir := t.TempDir()
	want := leave(t, dir, segment.Logs, 20)
	c := newCollector(t)
	hold := make(chan struct{})
	c.answers(func(int, http.ResponseWriter, string) bool { <-hold; return true })
	s, _ := open(t, queue.Config{Dir: dir}, collector.Endpoint{URL: c.URL})
	for c.requests() == 0 {
		runtime.Gosched()
	}
	files := glob(t, dir, "*.spool")
	must(t, os.Remove(files[5])) // As another process does that has sent it.
	must(t, os.Truncate(files[6], 3))
	close(hold)
	flush(t, s)
	if got := c.got(); !slices.Equal(got, slices.Delete(slices.Clone(want), 5, 7)) {
		t.Errorf("got %q", got)
	}
}

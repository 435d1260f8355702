// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// must fails the test if a change of the directory by another program fails.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// glob returns the files of a directory that match, at least one.
func glob(t *testing.T, dir, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no %s in %s: %v", pattern, dir, err)
	}
	return files
}

// logLines collects the log lines of a spool.
type logLines struct {
	mu    sync.Mutex
	lines []string
}

func (l *logLines) add(_ slog.Level, message string, attrs ...slog.Attr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, message+fmt.Sprint(attrs))
}

// have returns how many lines contain a text.
func (l *logLines) have(text string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// forceInspection makes the next put check whether its file still exists, which it otherwise does
// once a second.
func forceInspection(s *Spool) {
	for _, sender := range s.all() {
		sender.Queue.Mu.Lock()
		sender.Queue.CheckedAt = time.Time{}
		sender.Queue.Mu.Unlock()
	}
}

// delivered returns the requests that the next process sends from a directory.
func delivered(t *testing.T, dir string) []string {
	t.Helper()
	c := newCollector(t)
	s, _ := open(t, queue.Config{Dir: dir}, collector.Endpoint{URL: c.URL})
	flush(t, s)
	must(t, s.Shutdown(t.Context()))
	return c.got()
}

// directoryChanges are changes that another program makes to the directory while the collector is
// down.
var directoryChanges = map[string]struct {
	do       func(t *testing.T, dir string)
	gone     []string // Lost files, which are counted.
	why      string   // The reason of the loss.
	reported string
}{
	"the directory is deleted": {
		do:       func(t *testing.T, dir string) { t.Helper(); must(t, os.RemoveAll(dir)) },
		reported: "spool directory was removed, writing logs again to ",
	},
	"the directory is deleted with its parent": {
		do:       func(t *testing.T, dir string) { t.Helper(); must(t, os.RemoveAll(filepath.Dir(dir))) },
		reported: "spool directory was removed, writing logs again to ",
	},
	"the directory is deleted and made again": {
		do: func(t *testing.T, dir string) {
			t.Helper()
			must(t, os.RemoveAll(dir))
			must(t, os.Mkdir(dir, 0o700))
		},
		reported: "writing logs again to ",
	},
	"the directory is renamed and made again": {
		do: func(t *testing.T, dir string) {
			t.Helper()
			must(t, os.Rename(dir, dir+".old"))
			must(t, os.Mkdir(dir, 0o700))
		},
		reported: "spool directory was replaced, writing logs again to ",
	},
	"the files are deleted": {
		do: func(t *testing.T, dir string) {
			t.Helper()
			for _, file := range glob(t, dir, "*") {
				must(t, os.Remove(file))
			}
		},
		reported: "writing logs again to ",
	},
	"the segment is deleted": {
		do:       func(t *testing.T, dir string) { t.Helper(); must(t, os.Remove(glob(t, dir, "*.spool")[0])) },
		reported: ".spool was removed by another program, writing logs again to ",
	},
	"the segment is renamed": {
		do: func(t *testing.T, dir string) {
			t.Helper()
			must(t, os.Rename(glob(t, dir, "*.spool")[0], filepath.Join(dir, "away")))
		},
		reported: ".spool was removed by another program",
	},
	"the segment is moved and linked to": {
		do: func(t *testing.T, dir string) {
			t.Helper()
			file := glob(t, dir, "*.spool")[0]
			must(t, os.Rename(file, filepath.Join(dir, "away")))
			must(t, os.Symlink(filepath.Join(dir, "away"), file))
		},
		reported: ".spool was replaced by another program",
	},
	"the segment is replaced by a copy": {
		do: func(t *testing.T, dir string) {
			t.Helper()
			file := glob(t, dir, "*.spool")[0]
			must(t, os.Rename(file, filepath.Join(dir, "away")))
			must(t, os.WriteFile(file, []byte("a copy of something"), 0o600))
		},
		reported: ".spool was replaced by another program",
	},
	"the lock is deleted": {
		do: func(t *testing.T, dir string) { t.Helper(); must(t, os.Remove(glob(t, dir, "*.lock")[0])) },
	},
	"the segment is emptied": {
		do:   func(t *testing.T, dir string) { t.Helper(); must(t, os.Truncate(glob(t, dir, "*.spool")[0], 0)) },
		gone: []string{"before 1", "before 2"}, why: report.ReasonDamaged,
		reported: ".spool was truncated by another program, writing logs again to ",
	},
	"the segment is cut in its last request": {
		do: func(t *testing.T, dir string) {
			t.Helper()
			file := glob(t, dir, "*.spool")[0]
			info, err := os.Stat(file)
			must(t, err)
			must(t, os.Truncate(file, info.Size()-1))
		},
		gone: []string{"before 2"}, why: report.ReasonDamaged,
		reported: ".spool was truncated by another program, writing logs again to ",
	},
	"the segment is overwritten": {
		do: func(t *testing.T, dir string) {
			t.Helper()
			f, err := os.OpenFile(glob(t, dir, "*.spool")[0], os.O_WRONLY, 0)
			must(t, err)
			_, err = f.WriteAt(make([]byte, segment.FileStart+2*segment.HeaderSize+len("before 0")), 0)
			must(t, err)
			must(t, f.Close())
		},
		gone: []string{"before 1"}, why: report.ReasonDamaged,
		reported: ".spool was overwritten by another program, writing logs again to ",
	},
}

// Requests that a process can still read are not lost when its files are deleted, replaced or
// changed while the collector is down, whether or not a request is put afterwards.
func TestDirectoryDeletedWhileTheCollectorIsDown(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("open files cannot be deleted or renamed here")
	}
	for name, tt := range directoryChanges {
		for _, after := range []string{"requests after it", "Shutdown after it", "a look after it"} {
			t.Run(name+", "+after, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "parent", "spool")
				s, e := open(t, queue.Config{Dir: dir}, collector.Endpoint{URL: away})
				var lines logLines
				s.Listen(lines.add)
				want := []string{"before 0", "before 1", "before 2"}
				for _, body := range want {
					must(t, e.send(t, body))
				}
				for s.Health()[0].Retried == 0 { // The first is in the sender's hands.
					runtime.Gosched()
				}
				tt.do(t, dir)
				switch after {
				case "requests after it":
					forceInspection(s)
					for _, body := range []string{"after 0", "after 1"} {
						must(t, e.send(t, body))
						want = append(want, body)
					}
				case "a look after it":
					s.senders[0].Queue.InspectAll(time.Now())
				}
				must(t, shutdown(s))
				if n := s.Health()[0].Dropped[tt.why]; int(n) != len(tt.gone) {
					t.Errorf("dropped %v, want %d: %s", s.Health()[0].Dropped, len(tt.gone), tt.why)
				}
				want = slices.DeleteFunc(want, func(body string) bool { return slices.Contains(tt.gone, body) })
				if got := delivered(t, dir); !slices.Equal(got, want) {
					t.Errorf("the next process has %q, want %q", got, want)
				}
				if n := lines.have(tt.reported); tt.reported != "" && n != 1 {
					t.Errorf("%d lines have %q: %q", n, tt.reported, lines.lines)
				}
				if tt.reported == "" && lines.have("spool ") > 0 {
					t.Errorf("reported %q", lines.lines)
				}
			})
		}
	}
}

// If the directory is deleted and cannot be created again, no request is lost while the process
// lives. Shutdown reports the requests that are lost if the directory does not return.
func TestDirectoryThatCannotBeMadeAgain(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("open files cannot be deleted here")
	}
	for _, repaired := range []bool{false, true} {
		t.Run(fmt.Sprintf("repaired %t", repaired), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "spool")
			s, e := open(t, queue.Config{Dir: dir}, collector.Endpoint{URL: away})
			var lines logLines
			s.Listen(lines.add)
			must(t, e.send(t, "before"))
			must(t, os.RemoveAll(dir))
			must(t, os.WriteFile(dir, []byte("a file"), 0o600))
			forceInspection(s)
			must(t, e.send(t, "after"))
			if h := s.Health()[0]; h.Requests != 2 || len(h.Dropped) > 0 {
				t.Errorf("health: %+v", h)
			}
			if repaired {
				must(t, os.Remove(dir))
			}
			err := shutdown(s)
			if repaired {
				if got := delivered(t, dir); err != nil || !slices.Equal(got, []string{"before", "after"}) {
					t.Errorf("the next process has %q, %v", got, err)
				}
				return
			}
			for _, want := range []string{"1 log records were not sent", "1 log records were lost: another program removed their files from " + dir} {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("Shutdown returned %v, want %q", err, want)
				}
			}
			if d := s.Health()[0].Dropped; d[report.ReasonShutdown] != 1 || d[report.ReasonRemoved] != 1 {
				t.Errorf("dropped %v", d)
			}
			if lines.have("spool write failed, buffering logs in memory") != 1 {
				t.Errorf("reported %q", lines.lines)
			}
		})
	}
}

// Requests that are being sent, set aside or in older files are also rescued and delivered once, in
// order.
func TestDirectoryDeletedUnderABacklog(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("open files cannot be deleted here")
	}
	dir := filepath.Join(t.TempDir(), "spool")
	q := queue.NewQueue(segment.Logs, queue.Config{Dir: dir, SegmentBytes: 1000}.Filled(), &report.Stats{}, report.NewReporter())
	must(t, os.Mkdir(dir, 0o700))
	now := time.Now()
	var want []string
	for i := range 8 { // Two a file.
		want = append(want, fmt.Sprint(i)+strings.Repeat("x", 400))
	}
	putText(t, q, now, want...)
	q.SetAside(takeText(t, q, now, want[0]), now.Add(time.Hour))
	r := takeText(t, q, now, want[1])
	must(t, os.RemoveAll(dir))
	q.InspectAll(now)
	if files := glob(t, dir, "*.spool"); len(files) != 4 {
		t.Errorf("%d files were rewritten, want 4", len(files))
	}
	q.Settle(r)
	q.Settle(takeText(t, q, now, want[2]))
	q.Close()
	if got := delivered(t, dir); !slices.Equal(got, append(want[:1:1], want[3:]...)) {
		t.Errorf("the next process has %.2q", got)
	}
	if len(q.Stats.Drops()) > 0 {
		t.Errorf("dropped %v", q.Stats.Drops())
	}
}

// Requests lost with the directory because their files were not open are counted, and Shutdown
// reports them.
func TestClosedFilesDeletedWithTheDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool")
	must(t, os.Mkdir(dir, 0o700))
	for range 3 { // Of earlier processes.
		left := queue.NewQueue(segment.Logs, queue.Config{Dir: dir}.Filled(), &report.Stats{}, report.NewReporter())
		putText(t, left, time.Now(), "left")
		left.Close()
	}
	s, err := New(queue.Config{Dir: dir, SegmentBytes: 1000})
	must(t, err)
	hold := newCollector(t)
	release := make(chan struct{})
	hold.answers(func(int, http.ResponseWriter, string) bool { <-release; return true })
	transport, err := s.Transport(segment.Logs, collector.Endpoint{URL: hold.URL})
	must(t, err)
	e := exporter{&http.Client{Transport: transport}}
	var own []string
	for i := range 10 { // One a file: the oldest is closed.
		own = append(own, fmt.Sprint(i)+strings.Repeat("x", 900))
		must(t, e.send(t, own[i]))
	}
	for hold.requests() == 0 {
		runtime.Gosched()
	}
	must(t, os.RemoveAll(dir))
	close(release)
	s.senders[0].Queue.InspectAll(time.Now())
	err = s.Shutdown(t.Context())
	arrived := len(hold.got())
	lost := int(s.Health()[0].Dropped[report.ReasonRemoved])
	if arrived+lost != 13 || lost == 0 || arrived < queue.MaxOpen {
		t.Errorf("%d arrived and %d are counted as removed, want 13 together", arrived, lost)
	}
	if want := fmt.Sprintf("%d log records were lost: another program removed their files", lost); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Shutdown returned %v, want %q", err, want)
	}
}

// A directory that cannot be written to keeps requests in memory.
func TestDirectoryBecomesReadOnly(t *testing.T) {
	if runtime.GOOS == "windows" || os.Getuid() == 0 {
		t.Skip("this user may write to a read-only directory")
	}
	dir := t.TempDir()
	s, e := open(t, queue.Config{Dir: dir, SegmentBytes: 100}, collector.Endpoint{URL: away})
	must(t, e.send(t, "before"))
	must(t, os.Chmod(dir, 0o500))
	forceInspection(s)
	must(t, e.send(t, strings.Repeat("after", 50)))
	if h := s.Health()[0]; h.Memory == 0 || h.Requests != 2 {
		t.Errorf("health: %+v", h)
	}
	must(t, os.Chmod(dir, 0o700))
	must(t, shutdown(s))
	if got := delivered(t, dir); len(got) != 2 {
		t.Errorf("the next process has %q", got)
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/deadletter"
	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// addLetters fills a directory with dead letters of spans.
func addLetters(t *testing.T, dir string, n, each int, gzipped bool) {
	t.Helper()
	d := &deadletter.File{Dir: dir, Max: deadletter.MaxBytes}
	for i := range n {
		r := segment.Request{At: time.Now(), Items: each, Payload: encode(t, named(i*each, each, 10))}
		if gzipped {
			packed, err := segment.Compress(r.Payload)
			if err != nil {
				t.Fatal(err)
			}
			r.Payload, r.Gzipped = packed, true
		}
		d.Add(segment.Traces, r, "400 Bad Request")
	}
	if letters, err := deadletter.List(dir); err != nil || len(letters) != n {
		t.Fatalf("%d letters, %v", len(letters), err)
	}
}

func to(url string) func(segment.Signal) (collector.Endpoint, error) {
	return func(segment.Signal) (collector.Endpoint, error) { return collector.Endpoint{URL: url, Gzip: true}, nil }
}

// Dead letters that a repaired collector accepts are sent once and then removed.
func TestResendingDeadLettersTwiceSendsThemOnce(t *testing.T) {
	t.Parallel()
	for _, gzipped := range []bool{false, true} {
		dir := t.TempDir()
		addLetters(t, dir, 5, 3, gzipped)
		c := newCollector(t)
		done, err := deadletter.Resend(t.Context(), dir, to(c.URL))
		if err != nil || done.Letters != 5 || done.Items != 15 || done.Refused != 0 {
			t.Errorf("%+v, %v", done, err)
		}
		if done, err = deadletter.Resend(t.Context(), dir, to(c.URL)); err != nil || done.Letters != 0 {
			t.Errorf("the second time: %+v, %v", done, err)
		}
		if got := spanNames(t, c.got()); !slices.Equal(got, numberedSpans(15)) {
			t.Errorf("got %v", got)
		}
		if left, err := filepath.Glob(filepath.Join(dir, deadletter.FileName+"*")); err != nil || len(left) > 0 {
			t.Errorf("%v are left, %v", left, err)
		}
	}
}

// A run that the end of the collector interrupts continues where it stopped.
func TestInterruptedResendGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	addLetters(t, dir, 5, 2, false)
	c := newCollector(t)
	c.answers(func(n int, w http.ResponseWriter, _ string) bool {
		if n > 2 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return n <= 2
	})
	if done, err := deadletter.Resend(t.Context(), dir, to(c.URL)); err == nil || done.Letters != 2 || !strings.Contains(err.Error(), "503") {
		t.Errorf("%+v, %v", done, err)
	}
	service := &deadletter.File{Dir: dir, Max: deadletter.MaxBytes} // A service meanwhile.
	service.Add(segment.Traces, segment.Request{Items: 2, Payload: encode(t, named(10, 2, 10))}, "400 Bad Request")
	c.answers(nil)
	if done, err := deadletter.Resend(t.Context(), dir, to(c.URL)); err != nil || done.Letters != 4 {
		t.Errorf("%+v, %v", done, err)
	}
	if got := spanNames(t, c.got()); !slices.Equal(got, numberedSpans(12)) {
		t.Errorf("got %v", got)
	}
}

// A letter that is rejected again stays, and the others are sent.
func TestDeadLetterThatIsRefusedAgainStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	addLetters(t, dir, 3, 1, false)
	c := newCollector(t)
	c.answers(func(_ int, w http.ResponseWriter, body string) bool {
		if strings.Contains(body, "000001") {
			http.Error(w, "still not", http.StatusBadRequest)
			return false
		}
		return true
	})
	done, err := deadletter.Resend(t.Context(), dir, to(c.URL))
	if err != nil || done.Letters != 2 || done.Refused != 1 || !strings.Contains(done.RefusedReason, "still not") {
		t.Errorf("%+v, %v", done, err)
	}
	left, err := deadletter.List(dir)
	if err != nil || len(left) != 1 || left[0].Items != 1 || left[0].Reason != "400 Bad Request" {
		t.Errorf("%+v, %v", left, err)
	}
}

// A letter that is too large is sent in parts.
func TestDeadLetterThatIsTooLargeIsResentInParts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	addLetters(t, dir, 1, 1000, false)
	c := newCollector(t)
	c.answers(func(_ int, w http.ResponseWriter, body string) bool {
		if len(body) > 10_000 {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
		return len(body) <= 10_000
	})
	if done, err := deadletter.Resend(t.Context(), dir, to(c.URL)); err != nil || done.Letters != 1 || done.Items != 1000 {
		t.Errorf("%+v, %v", done, err)
	}
	if got := spanNames(t, c.got()); !slices.Equal(got, numberedSpans(1000)) {
		t.Errorf("got %d", len(got))
	}
}

// Two concurrent runs would send letters twice, so the second fails.
func TestTwoResendsExcludeEachOther(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	addLetters(t, dir, 1, 1, false)
	lock, err := deadletter.LockLetters(dir, deadletter.ResendLock, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := deadletter.Resend(t.Context(), dir, to(away)); err == nil || !strings.Contains(err.Error(), "in use by another process") {
		t.Errorf("resend: %v", err)
	}
	if _, _, err := deadletter.Drop(dir); err == nil {
		t.Error("dropped while they are resent")
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if letters, items, err := deadletter.Drop(dir); err != nil || letters != 1 || items != 1 {
		t.Errorf("%d, %d, %v", letters, items, err)
	}
	if letters, _, err := deadletter.Drop(dir); err != nil || letters != 0 {
		t.Errorf("the second time: %d, %v", letters, err)
	}
}

// A dead letter is not written through a link to another program's file.
func TestDeadLettersFollowNoLinks(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege")
	}
	dir, other := t.TempDir(), filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, []byte("other's\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(other, filepath.Join(dir, deadletter.FileName)); err != nil {
		t.Fatal(err)
	}
	tell := report.NewReporter()
	(&deadletter.File{Dir: dir, Max: 1000, Report: tell}).Add(segment.Logs, segment.Request{Items: 1, Payload: []byte("x")}, "400")
	if b, err := os.ReadFile(other); err != nil || string(b) != "other's\n" {
		t.Errorf("the link's target is %q, %v", b, err)
	}
	if l := <-tell.Lines; !strings.Contains(l.Message, "cannot keep dead letters") || !strings.Contains(l.Message, "not a regular file") {
		t.Errorf("reported %q", l.Message)
	}
}

// Dead letters that are deleted for newer ones are reported.
func TestDeletedDeadLettersAreReported(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tell := report.NewReporter()
	d := &deadletter.File{Dir: dir, Max: 2000, Report: tell}
	for range 30 {
		d.Add(segment.Logs, segment.Request{Items: 1, Payload: make([]byte, 100)}, "400 Bad Request")
	}
	if l := <-tell.Lines; !strings.Contains(l.Message, "dead letters are full, deleting the oldest; send them again with: otelvoice spool resend "+dir) {
		t.Errorf("reported %q", l.Message)
	}
}

// Waiting and rejected requests can be listed while a service holds the directory.
func TestListOfADirectoryInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, put := openTraces(t, queue.Config{Dir: dir}, collector.Endpoint{URL: away})
	put(named(0, 5, 1), 5)
	put(named(5, 7, 1), 7)
	for name, text := range map[string]string{"logs-1-x.spool": "no segment", "README": "x"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	segments, err := Segments(dir)
	if err == nil || !strings.Contains(err.Error(), "logs-1-x.spool") {
		t.Errorf("a file that is not a segment: %v", err)
	}
	if len(segments) != 1 || segments[0].Requests != 2 || segments[0].Items != 12 || segments[0].Signal != segment.Traces || segments[0].Oldest.IsZero() {
		t.Errorf("segments: %+v", segments)
	}
	if _, err := Segments(filepath.Join(dir, "none")); err == nil {
		t.Error("no error for a directory that does not exist")
	}
}

// A file of dead letters is read to its end, whatever its content.
func FuzzDeadLetters(f *testing.F) {
	f.Add([]byte("{\"signal\":\"logs\",\"items\":1}\n#\"signal\"}\n{\"cut off"))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, deadletter.FileName)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		letters, err := deadletter.List(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range letters {
			if err := l.Mark(); err != nil {
				t.Fatal(err)
			}
		}
		if left, err := deadletter.List(dir); err != nil || len(left) > 0 {
			t.Fatalf("%d of %d are left, %v", len(left), len(letters), err)
		}
	})
}

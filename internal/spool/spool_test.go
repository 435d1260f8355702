// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/deadletter"
	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// verify runs the tests and fails if one leaks a goroutine.
func verify(m *testing.M) { goleak.VerifyTestMain(m) }

// collector accepts requests and records their items.
type testCollector struct {
	*httptest.Server

	mu     sync.Mutex
	bodies []string
	answer func(n int, w http.ResponseWriter, body string) bool // False: it has responded, and does not accept the request.
	asked  int
}

func newCollector(t *testing.T) *testCollector {
	t.Helper()
	c := &testCollector{}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *testCollector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = unpacked
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return
	}
	c.mu.Lock()
	c.asked++
	n, answer := c.asked, c.answer
	c.mu.Unlock()
	if answer != nil && !answer(n, w, string(text)) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bodies = append(c.bodies, string(text))
}

func (c *testCollector) answers(answer func(n int, w http.ResponseWriter, body string) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = answer
}

// requests is the number of requests that have begun.
func (c *testCollector) requests() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

func (c *testCollector) got() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.bodies)
}

// exporter posts given requests in place of OpenTelemetry's exporter.
type exporter struct {
	*http.Client
}

func (e exporter) send(t *testing.T, body string) error {
	t.Helper()
	resp, err := e.Post("http://localhost/v1/logs", "application/x-protobuf", strings.NewReader(body))
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// open opens a spool that delivers logs.
func open(t *testing.T, cfg queue.Config, endpoint collector.Endpoint) (*Spool, exporter) {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shutdown(s) })
	transport, err := s.Transport(segment.Logs, endpoint)
	if err != nil {
		t.Fatal(err)
	}
	return s, exporter{&http.Client{Transport: transport}}
}

// shutdown shuts a spool down with an expired context.
func shutdown(s *Spool) error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return s.Shutdown(ctx)
}

// flush waits for half a minute at most.
func flush(t *testing.T, s *Spool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := s.ForceFlush(ctx); err != nil {
		t.Fatal(err)
	}
}

func numbered(n int) (bodies []string) {
	for i := range n {
		bodies = append(bodies, "request "+strconv.Itoa(i))
	}
	return bodies
}

// Requests arrive in order, from disk or memory, compressed or not.
func TestDelivery(t *testing.T) {
	for _, disk := range []bool{false, true} {
		for _, gzipped := range []bool{false, true} {
			t.Run(fmt.Sprintf("disk %t, gzip %t", disk, gzipped), func(t *testing.T) {
				c := newCollector(t)
				cfg := queue.Config{}
				if disk {
					cfg.Dir = filepath.Join(t.TempDir(), "new", "spool")
				}
				s, e := open(t, cfg, collector.Endpoint{URL: c.URL, Gzip: gzipped})
				want := numbered(200)
				for _, body := range want {
					if err := e.send(t, body); err != nil {
						t.Fatal(err)
					}
				}
				flush(t, s)
				if got := c.got(); !slices.Equal(got, want) {
					t.Errorf("got %d requests: %v", len(got), got)
				}
				if err := s.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
				if err := s.Shutdown(t.Context()); err != nil {
					t.Errorf("the second time: %v", err)
				}
				if disk {
					if left, err := os.ReadDir(cfg.Dir); err != nil || len(left) > 0 {
						t.Errorf("files are left: %v, %v", left, err)
					}
				}
				if err := e.send(t, "late"); err == nil {
					t.Error("a request was accepted after Shutdown")
				}
			})
		}
	}
}

// The next process sends the leftovers of a process first, and once.
func TestNextProcessSendsLeftovers(t *testing.T) {
	dir := t.TempDir()
	down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	defer down.Close()
	s, e := open(t, queue.Config{Dir: dir}, collector.Endpoint{URL: down.URL})
	want := numbered(50)
	for _, body := range want[:40] {
		if err := e.send(t, body); err != nil {
			t.Fatal(err)
		}
	}
	if err := shutdown(s); err != nil {
		t.Errorf("requests on disk were reported as lost: %v", err)
	}

	c := newCollector(t)
	s, e = open(t, queue.Config{Dir: dir}, collector.Endpoint{URL: c.URL})
	for _, body := range want[40:] {
		if err := e.send(t, body); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, s)
	if got := c.got(); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// Two processes may share a directory without touching each other's files.
func TestSharedDirectory(t *testing.T) {
	dir := t.TempDir()
	down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	defer down.Close()
	_, first := open(t, queue.Config{Dir: dir}, collector.Endpoint{URL: down.URL})
	if err := first.send(t, "of the first"); err != nil {
		t.Fatal(err)
	}
	c := newCollector(t)
	s, second := open(t, queue.Config{Dir: dir}, collector.Endpoint{URL: c.URL})
	if err := second.send(t, "of the second"); err != nil {
		t.Fatal(err)
	}
	flush(t, s)
	if got := c.got(); !slices.Equal(got, []string{"of the second"}) {
		t.Errorf("got %v", got)
	}
}

// A pause that a response asks for is kept, and no request is lost.
func TestRetriesBackOff(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(w http.ResponseWriter){
		"503": func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
		"429 with Retry-After": func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		},
		"401": func(w http.ResponseWriter) { w.WriteHeader(http.StatusUnauthorized) },
		"500": func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
		"a reset": func(w http.ResponseWriter) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.Close()
			}
		},
		"half an answer": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCollector(t)
			c.answers(func(n int, w http.ResponseWriter, _ string) bool {
				if n <= 2 {
					refuse(w)
				}
				return n > 2
			})
			s, e := open(t, queue.Config{Dir: t.TempDir()}, collector.Endpoint{URL: c.URL})
			want := numbered(3)
			for _, body := range want {
				if err := e.send(t, body); err != nil {
					t.Fatal(err)
				}
			}
			flush(t, s)
			if got := c.got(); !slices.Equal(got, want) {
				t.Errorf("got %v", got)
			}
			h := s.Health()[0]
			if h.Retried != 2 || h.LastError == "" || len(h.Dropped) > 0 || !h.Delivering {
				t.Errorf("health: %+v", h)
			}
		})
	}
}

// A request that a collector rejects permanently does not delay the others.
func TestPermanentlyRejectedRequest(t *testing.T) {
	dir := t.TempDir()
	c := newCollector(t)
	c.answers(func(_ int, w http.ResponseWriter, body string) bool {
		if body != "request 1" {
			return true
		}
		http.Error(w, "no such field", http.StatusBadRequest)
		return false
	})
	s, e := open(t, queue.Config{Dir: dir}, collector.Endpoint{URL: c.URL})
	for _, body := range numbered(3) {
		if err := e.send(t, body); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.ForceFlush(t.Context()); err == nil || !strings.Contains(err.Error(), "1 log records were refused by "+c.URL+": 400 Bad Request: no such field") {
		t.Errorf("flush: %v", err)
	}
	if got := c.got(); !slices.Equal(got, []string{"request 0", "request 2"}) {
		t.Errorf("got %v", got)
	}
	letters, err := os.ReadFile(filepath.Join(dir, deadletter.FileName))
	if err != nil || !bytes.Contains(letters, []byte(`400 Bad Request: no such field`)) {
		t.Errorf("the dead letters are %s, %v", letters, err)
	}
}

// Damage to a segment loses only the damaged requests.
func TestDamage(t *testing.T) {
	want := numbered(20)
	for name, tt := range map[string]struct {
		damage func(b []byte) []byte
		lost   []string
		drops  int64
	}{
		"cut in the last record":          {func(b []byte) []byte { return b[:len(b)-3] }, []string{"request 19"}, 1},
		"cut to the header of the last":   {func(b []byte) []byte { return b[:bytes.Index(b, []byte("request 19"))-segment.HeaderSize+6] }, []string{"request 19"}, 1},
		"a bit in a payload":              {flip("request 7", 0), []string{"request 7"}, 1},
		"a bit in a length":               {flip("request 7", segment.LengthAt-segment.HeaderSize), []string{"request 7"}, 1},
		"a high bit in a length":          {flip("request 7", segment.LengthAt-segment.HeaderSize+3), []string{"request 7"}, 1},
		"a bit in a checksum":             {flip("request 7", segment.SumAt-segment.HeaderSize), []string{"request 7"}, 1},
		"a bit in a marker":               {flip("request 7", -segment.HeaderSize), []string{"request 7"}, 1},
		"a bit in a state":                {flip("request 7", segment.StateAt-segment.HeaderSize), nil, 0},
		"two records apart":               {func(b []byte) []byte { return flip("request 3", 0)(flip("request 9", 2)(b)) }, []string{"request 3", "request 9"}, 2},
		"zeros at the end, as of a crash": {func(b []byte) []byte { return append(b, make([]byte, 4096)...) }, nil, 1},
		"nothing but the beginning":       {func(b []byte) []byte { return b[:segment.FileStart] }, want, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, e := open(t, queue.Config{Dir: dir}, collector.Endpoint{URL: "http://127.0.0.1:1"})
			for _, body := range want {
				if err := e.send(t, body); err != nil {
					t.Fatal(err)
				}
			}
			if err := shutdown(s); err != nil {
				t.Fatal(err)
			}
			segments, err := filepath.Glob(filepath.Join(dir, "*"+segment.SegmentSuffix))
			if err != nil || len(segments) != 1 {
				t.Fatalf("the segments are %v, %v", segments, err)
			}
			b, err := os.ReadFile(segments[0])
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(segments[0], tt.damage(b), 0o600); err != nil {
				t.Fatal(err)
			}
			c := newCollector(t)
			s, _ = open(t, queue.Config{Dir: dir}, collector.Endpoint{URL: c.URL})
			flush(t, s)
			left := slices.DeleteFunc(slices.Clone(want), func(b string) bool { return slices.Contains(tt.lost, b) })
			if got := c.got(); !slices.Equal(got, left) {
				t.Errorf("got %v, want all but %v", got, tt.lost)
			}
			if got := s.Health()[0].Dropped[report.ReasonDamaged]; got != tt.drops {
				t.Errorf("%d are counted as damaged, want %d", got, tt.drops)
			}
		})
	}
}

// flip flips a bit at an offset from a payload.
func flip(payload string, offset int) func([]byte) []byte {
	return func(b []byte) []byte {
		b[bytes.Index(b, []byte(payload+"\xf5"))+offset] ^= 0x04
		return b
	}
}

// Files that are not the spool's stay unchanged.
func TestForeignFiles(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"README":               "not ours",
		"logs-1-x.spool":       "no segment",
		"logs-2-x.spool":       segment.Magic + "\x02lof a version to come",
		"logs-3-x.spool":       "",
		"traces-1-x.spool.bak": "a copy",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := newCollector(t)
	s, e := open(t, queue.Config{Dir: dir}, collector.Endpoint{URL: c.URL})
	reported := make(chan string, 10)
	s.Listen(func(_ slog.Level, message string, _ ...slog.Attr) { reported <- message })
	if err := e.send(t, "ours"); err != nil {
		t.Fatal(err)
	}
	flush(t, s)
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if got := c.got(); !slices.Equal(got, []string{"ours"}) {
		t.Errorf("got %v", got)
	}
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
	select {
	case message := <-reported:
		if !strings.Contains(message, "ignoring a file") {
			t.Errorf("reported: %s", message)
		}
	default:
		t.Error("the ignored files were not reported")
	}
}

func TestDirectoriesThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"a file": file, "below a file": filepath.Join(file, "spool"), "of the kernel": "/proc/otelvoice"} {
		t.Run(name, func(t *testing.T) {
			if _, err := New(queue.Config{Dir: path}); err == nil {
				t.Error("no error")
			}
		})
	}
}

// A buffer is reused only when no request uses it any more, even if the collector rejects or accepts
// a request before it has read all of it.
func TestBuffersAreReused(t *testing.T) {
	t.Run("in memory", func(t *testing.T) { testBuffersAreReused(t, "") })
	t.Run("on disk", func(t *testing.T) { testBuffersAreReused(t, t.TempDir()) })
}

func testBuffersAreReused(t *testing.T, dir string) {
	t.Helper()
	const requests = 100 // Few attempts fail: each is followed by a pause.
	var asked atomic.Int64
	var mu sync.Mutex
	taken := make(map[byte]int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1)%20 == 7 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if strings.Trim(string(body), string(body[:1])) != "" {
			t.Error("a request contains data of another")
		}
		mu.Lock()
		defer mu.Unlock()
		taken[body[0]]++
	}))
	defer server.Close()
	s, err := New(queue.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	put, err := s.Requests(segment.Logs, collector.Endpoint{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	payload := make([]byte, 0, 200<<10)
	for n := range requests {
		payload = append(payload[:0], bytes.Repeat([]byte{'a' + byte(n%26)}, 1+n*997%(200<<10))...)
		if err := put(payload, 1); err != nil {
			t.Fatal(err)
		}
		clear(payload) // The caller's again.
	}
	flush(t, s)
	if err := shutdown(s); err != nil {
		t.Error(err)
	}
	all := 0
	for _, n := range taken {
		all += n
	}
	if all != requests {
		t.Errorf("%d requests were taken, want %d", all, requests)
	}
}

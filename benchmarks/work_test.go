// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/benchmarks/paired"
)

// TestMain lets the test's own program be the collector that it starts.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == collect {
		if err := serveCollector(os.Stdin, os.Stdout); err != nil {
			panic(err)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// The collector in another process receives all records, compressed or not. A run that loses a record
// fails.
func TestProcessesDeliver(t *testing.T) {
	r, err := startRemote()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	}()
	for _, c := range processes(func() (*remote, error) { return r, nil }) {
		t.Run(c.Name, func(t *testing.T) {
			w, err := c.Start()
			if err != nil {
				t.Fatal(err)
			}
			defer w.Stop()
			for _, n := range []int{1, request + 1} {
				w.Run(n)
				if err := w.Settled(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if got, err := r.count("/unused"); got != 0 || err != nil {
		t.Errorf("got %d records of a path without requests, %v", got, err)
	}
}

// A run has batches that fit into the queues, and fails if one record is missing.
func TestDelivering(t *testing.T) {
	const n = queue + 5
	for _, tt := range []struct {
		name           string
		written, taken int
		flush          error
		fails          bool
	}{
		{"all", n, n, nil, false},
		{"not all written", n - 1, n, nil, true},
		{"not all taken", n, n - 1, nil, true},
		{"one taken twice", n, n + 1, nil, true},
		{"not flushed", n, n, io.ErrUnexpectedEOF, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lines, logged, longest := &lineCount{}, 0, 0
			w := delivering(paired.Work{
				Run:    func(n int) { logged, longest = logged+n, max(longest, n) },
				Settle: func() error { return tt.flush },
			}, lines, func() (int, error) { return tt.taken, nil })
			w.Run(n)
			lines.Add(int64(tt.written))
			if err := w.Settled(); (err != nil) != tt.fails {
				t.Errorf("got %v", err)
			}
			if logged != n || longest > queue/2 {
				t.Errorf("%d were logged, %d in one run", logged, longest)
			}
		})
	}
}

// The stored and the delivered bytes are those of the request.
func TestSpoolKeepsRequests(t *testing.T) {
	payload, err := newLogRequest()
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	taken := 0
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		taken++
		if err != nil || !bytes.Equal(body, payload) {
			t.Errorf("the collector received %d of %d bytes, %v", len(body), len(payload), err)
		}
	}))
	defer server.Close()
	dir := t.TempDir()
	onDisk := func() (n int) {
		for _, pattern := range []string{"bytes", "*/*"} {
			names, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				content, err := os.ReadFile(name)
				if err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
				n += bytes.Count(content, payload)
			}
		}
		return n
	}
	for i, c := range spoolContenders(dir, server.URL, payload) {
		t.Run(c.Name, func(t *testing.T) {
			w, err := c.Start()
			if err != nil {
				t.Fatal(err)
			}
			if w.Stop != nil {
				defer w.Stop()
			}
			disk := onDisk()
			mu.Lock()
			taken = 0
			mu.Unlock()
			w.Run(3)
			if err := w.Settled(); err != nil {
				t.Fatal(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if want := []int{0, 0, 3, 3, 3}[i]; taken != want {
				t.Errorf("%d requests were accepted, want %d", taken, want)
			}
			if want := []int{3, 3, 3, 0, 0}[i]; onDisk()-disk != want {
				t.Errorf("%d requests are on disk, want %d", onDisk()-disk, want)
			}
		})
	}
}

// Every call has its lines, and the number of calls is the requested one.
func TestLinesOfManyCalls(t *testing.T) {
	for _, tt := range []struct {
		all   func(w func() io.Writer) []paired.Contender
		calls []int
	}{
		{func(w func() io.Writer) []paired.Contender { return growth(w, 3, 7) }, []int{3, 7}},
		{func(w func() io.Writer) []paired.Contender { return writers(w, 1, 2, 4) }, []int{1, 2, 4}},
	} {
		for i := range tt.calls {
			var out written
			c := tt.all(func() io.Writer { return &out })[i]
			t.Run(c.Name, func(t *testing.T) {
				w, err := c.Start()
				if err != nil {
					t.Fatal(err)
				}
				out.Reset()
				w.Run(15)
				sessions := make(map[string]int)
				for line := range strings.Lines(out.String()) {
					var fields struct {
						Session string `json:"session_id"`
						Turn    string `json:"turn_id"`
					}
					if err := json.Unmarshal([]byte(line), &fields); err != nil || fields.Turn == "" {
						t.Errorf("%v in %s", err, line)
					}
					sessions[fields.Session]++
				}
				w.Stop()
				n := 0
				for _, lines := range sessions {
					n += lines
				}
				if n != 15 || len(sessions) != tt.calls[i] {
					t.Errorf("%d lines in %d calls, want 15 in %d", n, len(sessions), tt.calls[i])
				}
			})
		}
	}
}

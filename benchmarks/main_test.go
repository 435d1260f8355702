// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// written keeps what a contender writes.
type written struct {
	mu sync.Mutex
	bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.Buffer.Write(p)
}

// A contender that leaves something out would win by it.
func TestAllWriteTheSame(t *testing.T) {
	c, err := newCollector()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.server.Close() }()
	for _, set := range []struct {
		name string
		made func(w func() io.Writer) []contender
	}{
		{"lines", lineTo},
		{"lines and export", func(w func() io.Writer) []contender { return lineAndExport(c, w) }},
	} {
		for i := range set.made(nil) {
			var w written
			contender := set.made(func() io.Writer { return &w })[i]
			t.Run(set.name+"/"+contender.name, func(t *testing.T) {
				work, err := contender.start()
				if err != nil {
					t.Fatal(err)
				}
				w.Reset() // The call's own lines.
				before := c.bytes.Load()
				work.run(1)
				line := w.String()
				if work.settle != nil {
					work.settle()
					if c.bytes.Load() == before {
						t.Error("nothing was sent")
					}
				}
				if work.stop != nil {
					work.stop()
				}
				var fields map[string]any
				if err := json.Unmarshal([]byte(line), &fields); err != nil {
					t.Fatalf("%v in %s", err, line)
				}
				data, _ := fields[extra].(map[string]any)
				if got := fmt.Sprint(data); got != "map[finish_reason:stop input_tokens:412 language:en model:gpt-4o-mini output_tokens:57 provider:openai temperature:0.7 ttft:0.312]" {
					t.Errorf("extra_data is %s", got)
				}
				for _, key := range []string{"correlation_id", "trace_id", "span_id", "request_id", "session_id", "turn_id", "module", "component", "component_type", "process_id", "stage"} {
					if fields[key] == nil {
						t.Errorf("the line has no %s: %s", key, line)
					}
				}
				for _, want := range []string{message, "line.go", `"INFO"`} {
					if !strings.Contains(line, want) && !strings.Contains(strings.ToUpper(line), want) {
						t.Errorf("the line does not have %s: %s", want, line)
					}
				}
			})
		}
	}
}

// Half the time is half the ratio, whatever the order.
func TestMeasure(t *testing.T) {
	sleeper := func(d time.Duration) func() (work, error) {
		return func() (work, error) {
			return work{run: func(n int) { <-time.After(time.Duration(n) * d) }}, nil
		}
	}
	figures, err := plan{rounds: 3, each: 2 * time.Millisecond, most: 32}.measure([]contender{
		{"slow", sleeper(200 * time.Microsecond)}, {"quick", sleeper(20 * time.Microsecond)},
	})
	if err != nil || figures[0].ratio != 1 || figures[1].ratio >= 1 {
		t.Errorf("got %+v, %v", figures, err)
	}
}

func TestPut(t *testing.T) {
	name := filepath.Join(t.TempDir(), "B.md")
	if err := os.WriteFile(name, []byte("a\n"+begins+"old\n"+ends+"z\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var tables bytes.Buffer
	table(&tables, "T", []figure{{name: "x", time: 1500, ratio: 1, low: 1, high: 1}})
	if err := put(name, tables.Bytes()); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(got), "| x | 1.50 µs | 1.00 (1.00–1.00) | 0 | 0 |\n"+ends+"z\n") || strings.Contains(string(got), "old") {
		t.Errorf("%v\n%s", err, got)
	}
	if err := os.WriteFile(name, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if put(name, nil) == nil {
		t.Error("a file without a place is no error")
	}
}

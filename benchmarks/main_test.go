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

	"github.com/voice-agents/telemetry/benchmarks/paired"
)

// written keeps a contender's output.
type written struct {
	mu sync.Mutex
	bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.Buffer.Write(p)
}

// A contender that omits something would have an advantage.
func TestAllWriteTheSame(t *testing.T) {
	c, err := newCollector()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.server.Close() }()
	for _, set := range []struct {
		name string
		sent bool // Set for all except the baseline.
		made func(w func() io.Writer) []paired.Contender
	}{
		{"lines", false, lineTo},
		{"lines and export", true, func(w func() io.Writer) []paired.Contender { return lineAndExport(c, w) }},
	} {
		for i := range set.made(nil) {
			var w written
			contender := set.made(func() io.Writer { return &w })[i]
			t.Run(set.name+"/"+contender.Name, func(t *testing.T) {
				work, err := contender.Start()
				if err != nil {
					t.Fatal(err)
				}
				w.Reset() // The call's own lines.
				before := c.bytes.Load()
				work.Run(1)
				line := w.String()
				if err := work.Settled(); err != nil {
					t.Error(err)
				}
				if set.sent && i > 0 && c.bytes.Load() == before {
					t.Error("nothing was sent")
				}
				if work.Stop != nil {
					work.Stop()
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
						t.Errorf("the line lacks %s: %s", want, line)
					}
				}
			})
		}
	}
}

// Every row of docs/performance.md is a row of the tables.
func TestHeadlines(t *testing.T) {
	c, err := newCollector()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.server.Close() }()
	all, err := tables(t.TempDir(), c, nil, paired.Plan{Rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	figures := make(map[string][]paired.Figure)
	for _, table := range all {
		for _, contender := range table.Contenders {
			figures[table.Title] = append(figures[table.Title], paired.Figure{Name: contender.Name})
		}
	}
	text, err := headlinesOf(figures)
	if err != nil {
		t.Error(err)
	}
	if n := bytes.Count(text, []byte("\n")); n != len(headlines)+2 {
		t.Errorf("%d lines, want one for each headline and two above", n)
	}
	if _, err := headlinesOf(nil); err == nil {
		t.Error("no error for a row that does not exist")
	}
}

// Buffered lines are in the file at the end of a run, with the same fields.
func TestBufferedLinesAreWhole(t *testing.T) {
	dir := t.TempDir()
	var zapped written
	contenders := lineToFile(dir, func() io.Writer { return &zapped })
	for _, contender := range contenders[len(contenders)-2:] {
		work, err := contender.Start()
		if err != nil {
			t.Fatal(err)
		}
		work.Run(3)
		if err := work.Settled(); err != nil {
			t.Error(err)
		}
		work.Stop()
	}
	file, err := os.ReadFile(filepath.Join(dir, "buffered.log"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"zap": zapped.String(), "otelvoice": string(file)} {
		n := 0
		for line := range strings.Lines(text) {
			var fields map[string]any
			if err := json.Unmarshal([]byte(line), &fields); err != nil {
				t.Fatalf("%s: %v: %s", name, err, line)
			}
			if fields["message"] == message && len(fields[extra].(map[string]any)) == 8 {
				n++
			}
		}
		if n != 3 {
			t.Errorf("%s: %d lines of three are in the file", name, n)
		}
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package queries_test runs the jq programs over the output of the example.
package queries_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// example returns the output of one run of the example.
var example = sync.OnceValues(func() ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "run", "../../examples/voiceagent")
	cmd.Env = append(os.Environ(), "LOG_LEVEL=DEBUG")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("run the example: %w", err)
	}
	return out, nil
})

type line struct {
	Level         string         `json:"level"`
	Module        string         `json:"module"`
	Component     string         `json:"component"`
	ComponentType string         `json:"component_type"`
	Correlation   string         `json:"correlation_id"`
	Session       string         `json:"session_id"`
	Phase         string         `json:"phase"`
	Stage         string         `json:"stage"`
	Duration      float64        `json:"duration_ms"`
	Performance   map[string]any `json:"performance_metrics"`
	Extra         map[string]any `json:"extra_data"`
	Exception     map[string]any `json:"exception"`
}

// took returns the time that the user waited for the work of a line, in milliseconds, or 0.
func (l line) took() float64 {
	seconds := func(keys ...string) float64 {
		for _, key := range keys {
			if s, ok := l.Extra[key].(float64); ok {
				return s * 1000
			}
		}
		return l.Duration
	}
	switch l.Phase + " " + l.Stage {
	case "turn_end ":
		wait, _ := l.Performance["response_latency_ms"].(float64)
		return wait
	case "stage_end stt":
		return seconds("voice.stt.final_latency")
	case "stage_end llm":
		return seconds("voice.llm.time_to_first_token", "gen_ai.response.time_to_first_chunk")
	case "stage_end tts":
		return seconds("voice.tts.time_to_first_byte")
	}
	if l.Phase == "operation_end" || l.Phase == "stage_end" {
		return l.Duration
	}
	return 0
}

func lines(t *testing.T) []line {
	t.Helper()
	out, err := example()
	if err != nil {
		t.Fatal(err)
	}
	var all []line
	for text := range bytes.Lines(out) {
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		all = append(all, l)
	}
	return all
}

// jq runs a program over the example's output and returns the lines that it printed.
func jq(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := example()
	if err != nil {
		t.Fatal(err)
	}
	return jqOver(t, out, args...)
}

// jqOver runs a program over lines.
func jqOver(t *testing.T, out []byte, args ...string) []string {
	t.Helper()
	path, err := exec.LookPath("jq")
	if err != nil {
		t.Skip("not run: jq is not installed (Debian: apt-get install jq)")
	}
	file := filepath.Join(t.TempDir(), "app.log")
	if err := os.WriteFile(file, out, 0o600); err != nil {
		t.Fatal(err)
	}
	printed, err := exec.CommandContext(t.Context(), path, append(args, file)...).CombinedOutput()
	if err != nil {
		t.Fatalf("jq %q: %v: %s", args, err, printed)
	}
	if len(printed) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(printed), "\n"), "\n")
}

// count returns the number of wanted lines. It fails if there is none, because the test
// would prove nothing.
func count(t *testing.T, all []line, want func(line) bool) int {
	t.Helper()
	n := len(slices.Collect(func(yield func(line) bool) {
		for _, l := range all {
			if want(l) && !yield(l) {
				return
			}
		}
	}))
	if n == 0 {
		t.Fatal("the example has no such line")
	}
	return n
}

func TestQueriesFindTheLinesOfTheExample(t *testing.T) {
	all := lines(t)
	failed := all[slices.IndexFunc(all, func(l line) bool { return l.Level == "ERROR" && l.Correlation != "" })]
	for _, tt := range []struct {
		program string
		args    []string
		want    func(line) bool
	}{
		{"errors_of_correlation.jq", []string{"--arg", "id", failed.Correlation}, func(l line) bool {
			return l.Correlation == failed.Correlation && (l.Level == "ERROR" || l.Exception != nil)
		}},
		{"stt_performance.jq", nil, func(l line) bool { return l.ComponentType == "stt" && l.Performance != nil }},
		{"stage_durations.jq", nil, func(l line) bool { return l.Phase == "stage_end" }},
		{"slow_operations.jq", []string{"--argjson", "over_ms", "20"}, func(l line) bool { return l.took() > 20 }},
		{"session_story.jq", []string{"-r", "--arg", "id", failed.Session}, func(l line) bool { return l.Session == failed.Session }},
	} {
		t.Run(tt.program, func(t *testing.T) {
			want := count(t, all, tt.want)
			got := jq(t, append([]string{"-c", "-f", tt.program}, tt.args...)...)
			if len(got) != want {
				t.Errorf("%d lines, want %d:\n%s", len(got), want, strings.Join(got, "\n"))
			}
			for _, l := range got {
				if strings.Contains(l, "null") {
					t.Errorf("null in %s", l)
				}
			}
		})
	}
}

func TestErrorsByComponent(t *testing.T) {
	counts := make(map[string]int)
	for _, l := range lines(t) {
		if l.Level == "ERROR" {
			counts[cmp.Or(l.Component, l.Module)]++
		}
	}
	type row struct {
		Component string `json:"component"`
		Errors    int    `json:"errors"`
	}
	before := -1
	got := jq(t, "-nc", "-f", "errors_by_component.jq")
	for _, text := range got {
		var r row
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatal(err)
		}
		if r.Errors != counts[r.Component] || before >= 0 && r.Errors > before {
			t.Errorf("got %s after %d, want %d", text, before, counts[r.Component])
		}
		before = r.Errors
	}
	if len(got) != len(counts) || len(got) == 0 {
		t.Errorf("got %v, want %v", got, counts)
	}
}

// Nothing in the example takes five seconds.
func TestSlowOperationsFindsNothingInTheExample(t *testing.T) {
	if got := jq(t, "-c", "-f", "slow_operations.jq"); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

// README.md lists each program.
func TestPageNamesEveryProgram(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	programs, err := filepath.Glob("*.jq")
	if err != nil || len(programs) == 0 {
		t.Fatal(programs, err)
	}
	for _, program := range programs {
		if !bytes.Contains(page, []byte("("+program+")")) {
			t.Errorf("README.md does not name %s", program)
		}
	}
}

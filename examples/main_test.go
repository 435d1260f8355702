// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// go run ./examples runs all examples, whatever the environment variables, and reports their
// results.
func TestRunAll(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "run", ".")
	cmd.Env = append(os.Environ(), "LOG_FORMAT=text", "LOG_LEVEL=ERROR", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", "OPENAI_API_KEY=any", "GOPROXY=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"the level of voice.stt changed while the program ran", "audio is logged as its size, 48000 bytes, and a password as [REDACTED]",
		"lines of both processes have correlation_id 550e8400-e29b-41d4-a716-446655440000", "the correlation_id of their client, order-42",
		"a throughput of 8000000 bytes/s", "recovery actions: retry, fallback, default; the turn completed", "the longest wait was",
		"8 of 8 examples passed",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the report does not have %q:\n%s", want, out)
		}
	}
	// Each directory has an example, except for those of other modules, which have SDKs.
	dirs, err := filepath.Glob("*/main.go")
	dirs = slices.DeleteFunc(dirs, func(dir string) bool {
		_, err := os.Stat(filepath.Join(filepath.Dir(dir), "go.mod"))
		return err == nil
	})
	if err != nil || len(dirs) != len(all()) {
		t.Errorf("%d examples for the programs %q, %v", len(all()), dirs, err)
	}
	for _, dir := range dirs {
		if name := filepath.Dir(dir); !strings.Contains(string(out), "\n"+name+"  ok  ") {
			t.Errorf("the report does not name %s:\n%s", name, out)
		}
	}
	if n := strings.Count(string(out), "\n"); n > 50 {
		t.Errorf("the report has %d lines", n)
	}
}

// An example that does not run, or whose output lacks something, fails alone and makes the run
// fail.
func TestFailures(t *testing.T) {
	t.Parallel()
	shows := func(result) ([]string, error) { return []string{"all of it"}, nil }
	for _, tt := range []struct {
		name     string
		examples []example
		names    []string
		code     int
		want     []string
	}{
		{name: "one of two fails", examples: []example{
			{name: "logging", about: "logs", show: func(result) ([]string, error) { return nil, errors.New("nothing there") }},
			{name: "recovery", about: "errors", show: shows},
		}, code: exitFail, want: []string{"\nlogging  FAILED", "nothing there", "\nrecovery  ok", "1 of 2 examples failed"}},
		{name: "the program fails", examples: []example{{name: "voiceagent", args: []string{"-calls", "-1"}, show: shows}}, code: exitFail, want: []string{"FAILED", "exit status 2", "-calls -1: want a number"}},
		{name: "the program is not built", examples: []example{{name: "nothing", show: shows}}, code: exitFail, want: []string{"go build", "nothing"}},
		{name: "by name", examples: []example{{name: "logging", show: shows}, {name: "nothing", show: shows}}, names: []string{"logging"}, code: exitOK, want: []string{"1 of 1 examples"}},
		{name: "by an unknown name", examples: all(), names: []string{"loging"}, code: exitUsage, want: []string{`unknown example "loging", want one of quickstart, logging, correlation`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var report bytes.Buffer
			if code := run(t.Context(), tt.examples, tt.names, &report); code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			for _, want := range tt.want {
				if !strings.Contains(report.String(), want) {
					t.Errorf("the report does not have %q:\n%s", want, report.String())
				}
			}
		})
	}
}

// The context ends a program that hangs.
func TestHangingExample(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	e := example{name: "logging", show: func(result) ([]string, error) { return nil, nil }}
	var report bytes.Buffer
	if e.report(ctx, dir, &report) || !strings.Contains(report.String(), "FAILED") {
		t.Errorf("got %s", report.String())
	}
}

// Each check returns an error for an empty output.
func TestChecksRejectEmptyOutput(t *testing.T) {
	t.Parallel()
	for _, e := range all() {
		if _, err := e.show(result{}); err == nil {
			t.Errorf("the check of %s accepts an empty output", e.name)
		}
	}
}

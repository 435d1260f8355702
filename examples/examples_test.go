// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package main_test builds the small examples and runs them as a user does.
package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// line is a log line: the fields that the tests read, and the whole text.
type line struct {
	Level       string         `json:"level"`
	Message     string         `json:"message"`
	Correlation string         `json:"correlation_id"`
	Trace       string         `json:"trace_id"`
	Session     string         `json:"session_id"`
	Module      string         `json:"module"`
	Process     int            `json:"process_id"`
	Extra       map[string]any `json:"extra_data"`
	Figures     map[string]any `json:"performance_metrics"`
	Exception   map[string]any `json:"exception"`

	text string
}

// run builds an example and runs it, with more variables if there are any.
func run(t *testing.T, name string, variables ...string) (lines []line, stderr string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), name+".exe")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./"+name).CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary)
	cmd.Env = append(os.Environ(), variables...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, out.Bytes(), errs.Bytes())
	}
	for text := range bytes.Lines(out.Bytes()) {
		l := line{text: string(text)}
		if err := json.Unmarshal(text, &l); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		lines = append(lines, l)
	}
	return lines, errs.String()
}

// find returns the first line with a message.
func find(t *testing.T, lines []line, message string) line {
	t.Helper()
	for _, l := range lines {
		if l.Message == message {
			return l
		}
	}
	t.Fatalf("no line %q among\n%s", message, all(lines))
	return line{}
}

func all(lines []line) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.text)
	}
	return b.String()
}

func wantNone(t *testing.T, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%q was printed:\n%s", secret, text)
		}
	}
}

func TestLogging(t *testing.T) {
	t.Parallel()
	lines, _ := run(t, "logging")
	if l := find(t, lines, "seen now"); l.Level != "DEBUG" || l.Module != "voice.stt" {
		t.Errorf("got %s", l.text)
	}
	if l := find(t, lines, "high noise level"); l.Session != "call-1" || l.Correlation == "" {
		t.Errorf("no ids: %s", l.text)
	}
	wantNone(t, all(lines), "not seen", "correct horse")

	lines, _ = run(t, "logging", "LOG_EXCLUDE_MODULES=voice")
	wantNone(t, all(lines), `"module":"voice.`)
}

func TestCorrelation(t *testing.T) {
	t.Parallel()
	lines, _ := run(t, "correlation")
	processes := make(map[int]bool)
	for _, l := range lines {
		processes[l.Process] = true
		if l.Correlation != "550e8400-e29b-41d4-a716-446655440000" || l.Session != "call-1" {
			t.Errorf("another call's line: %s", l.text)
		}
	}
	if len(processes) != 2 {
		t.Errorf("lines of %d processes, want 2:\n%s", len(processes), all(lines))
	}
}

func TestMiddleware(t *testing.T) {
	t.Parallel()
	lines, stderr := run(t, "middleware")
	for _, l := range lines {
		if l.Correlation != "order-42" || l.Trace != "3bf8b157c4238eefe5ae4a66eca81c6b" {
			t.Errorf("another request's line: %s", l.text)
		}
	}
	if !strings.Contains(stderr, `GET /greet/Ada: 200 OK, correlation "order-42"`) || !strings.Contains(stderr, `GET /health: 200 OK, correlation ""`) {
		t.Errorf("stderr:\n%s", stderr)
	}
	if l := find(t, lines, "request handler panicked"); l.Exception["type"] != "panic" || l.Exception["stacktrace"] == nil {
		t.Errorf("got %s", l.text)
	}
	wantNone(t, all(lines), "/health", "0123456789abcdef", "4155550123")
}

func TestPerformance(t *testing.T) {
	t.Parallel()
	lines, stderr := run(t, "performance")
	if l := find(t, lines, "load menu completed"); l.Figures["success"] != true || l.Figures["duration_ms"] == nil {
		t.Errorf("got %s", l.text)
	}
	if l := find(t, lines, "resample"); l.Figures["throughput_bytes_per_second"] != 8e6 {
		t.Errorf("got %s", l.text)
	}
	if !strings.Contains(stderr, "voice.operation.duration") || !strings.Contains(stderr, "count 2") {
		t.Errorf("the metrics are\n%s", stderr)
	}
	wantNone(t, all(lines), "t0p-s3cret")
}

func TestRecovery(t *testing.T) {
	t.Parallel()
	lines, _ := run(t, "recovery")
	for message, want := range map[string]struct{ code, action any }{
		"synthesis failed":               {"TTS_OVERLOAD", "retry"},
		"synthesis failed again":         {"TTS_OVERLOAD", "fallback"},
		"continuing without preferences": {nil, "default"},
	} {
		l := find(t, lines, message)
		if l.Extra["error_code"] != want.code || l.Extra["recovery_action"] != want.action || l.Exception["stacktrace"] == nil {
			t.Errorf("got %s\nwant %v", l.text, want)
		}
	}
	if l := find(t, lines, "turn completed"); l.Level != "INFO" {
		t.Errorf("the turn ended with %s", l.text)
	}
}

func TestPipeline(t *testing.T) {
	lines, stderr := run(t, "pipeline")
	for _, want := range []string{
		"user:  Hello, what time do you open for dinner on Sunday?", "agent: ", "waited", "transcription", "synthesis",
		"stt whisper-1", "llm gpt-4o-mini", "tool check_availability", "tts tts-1", "of real time",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("the report does not have %q:\n%s", want, stderr)
		}
	}
	stages := 0
	trace := find(t, lines, "turn completed").Trace
	for _, l := range lines {
		if l.Trace != "" && l.Trace != trace {
			t.Errorf("a line of another trace: %s", l.text)
		}
		if strings.Contains(l.text, `"phase":"stage_end"`) {
			stages++
			if !strings.Contains(l.text, `"pipeline_id":"concierge"`) || l.Session == "" {
				t.Errorf("a stage without ids: %s", l.text)
			}
		}
	}
	if stages < 7 {
		t.Errorf("%d stages, want 7 or more", stages)
	}
	// The transcript is in the report, which the program prints itself, and not in the log.
	if text := all(lines); strings.Contains(text, "Sunday") {
		t.Errorf("the log contains the transcript:\n%s", text)
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Examples runs the examples one after the other and reports the figures and fields that it
// found in their log lines. It needs no network and no settings.
//
//	go run ./examples
//	go run ./examples logging recovery
//
// The exit code is 0 if all examples printed what is expected, 1 if one did not, and 2 for an
// unknown name.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Exit codes.
const (
	exitOK    = 0
	exitFail  = 1
	exitUsage = 2
)

const (
	// module is the path of the examples' packages.
	module = "github.com/voice-agents/telemetry/examples/"
	// timeout limits one example, buildTimeout the compiler.
	timeout      = time.Minute
	buildTimeout = 10 * time.Minute
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, all(), os.Args[1:], os.Stdout)
	stop()
	os.Exit(code)
}

// run builds and runs the examples with the given names, or all, and writes the report.
func run(ctx context.Context, examples []example, names []string, report io.Writer) int {
	known := make([]string, len(examples))
	for i, e := range examples {
		known[i] = e.name
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			fmt.Fprintf(report, "examples: unknown example %q, want one of %s\n", name, strings.Join(known, ", "))
			return exitUsage
		}
	}
	if len(names) > 0 {
		examples = slices.DeleteFunc(slices.Clone(examples), func(e example) bool { return !slices.Contains(names, e.name) })
	}
	dir, err := os.MkdirTemp("", "examples-*")
	if err != nil {
		fmt.Fprintf(report, "examples: %v\n", err)
		return exitFail
	}
	defer os.RemoveAll(dir)
	if err := build(ctx, dir, examples); err != nil {
		fmt.Fprintf(report, "examples: %v\n", err)
		return exitFail
	}
	failed := 0
	for _, e := range examples {
		if !e.report(ctx, dir, report) {
			failed++
		}
	}
	if failed > 0 {
		fmt.Fprintf(report, "\n%d of %d examples failed\n", failed, len(examples))
		return exitFail
	}
	fmt.Fprintf(report, "\n%[1]d of %[1]d examples passed\n", len(examples))
	return exitOK
}

// build builds the programs into a directory, with one command.
func build(ctx context.Context, dir string, examples []example) error {
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	args := []string{"build", "-o", dir + string(filepath.Separator)}
	for _, e := range examples {
		args = append(args, module+e.name)
	}
	if out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput(); err != nil { //nolint:gosec // The names are those of the examples.
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// report runs an example and writes its result. It reports whether the example passed.
func (e example) report(ctx context.Context, dir string, to io.Writer) bool {
	start := time.Now()
	got, err := e.run(ctx, dir)
	var shown []string
	if err == nil {
		shown, err = e.show(got)
	}
	verdict := "ok"
	if err != nil {
		verdict = "FAILED"
	}
	fmt.Fprintf(to, "\n%s  %s  %.1f s, %d log lines\n  %s\n", e.name, verdict, time.Since(start).Seconds(), len(got.lines), e.about)
	for _, s := range shown {
		fmt.Fprintf(to, "  - %s\n", s)
	}
	if err != nil {
		fmt.Fprintf(to, "  - %v\n", err)
	}
	return err == nil
}

// result is what an example printed.
type result struct {
	lines  []line
	stderr string
}

// line is a log line, with the fields that are checked.
type line struct {
	Level       string         `json:"level"`
	Message     string         `json:"message"`
	Correlation string         `json:"correlation_id"`
	Module      string         `json:"module"`
	Component   string         `json:"component"`
	Process     int            `json:"process_id"`
	Phase       string         `json:"phase"`
	Stage       string         `json:"stage"`
	Duration    float64        `json:"duration_ms"`
	Extra       map[string]any `json:"extra_data"`
	Figures     map[string]any `json:"performance_metrics"`
	Exception   map[string]any `json:"exception"`
}

// run runs the program of an example, with a timeout and without environment variables of the
// log, of OpenTelemetry and of providers, which would change its output.
func (e example) run(ctx context.Context, dir string) (result, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	suffix := ""
	if os.PathSeparator == '\\' {
		suffix = ".exe"
	}
	cmd := exec.CommandContext(ctx, filepath.Join(dir, e.name+suffix), e.args...) //nolint:gosec // The program was built above.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return slices.ContainsFunc([]string{"LOG_", "OTEL_", "OTELVOICE_", "OPENAI_"}, func(prefix string) bool { return strings.HasPrefix(variable, prefix) })
	})
	cmd.WaitDelay = time.Second // A child process may hold the pipes.
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return result{}, fmt.Errorf("%w\n%s", err, tail(stderr.String()))
	}
	got := result{stderr: stderr.String()}
	for text := range bytes.Lines(stdout.Bytes()) {
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return got, fmt.Errorf("line on stdout is not JSON: %w: %s", err, text)
		}
		got.lines = append(got.lines, l)
	}
	return got, nil
}

// tail returns the end of a text.
func tail(text string) string {
	const most = 2000
	if len(text) > most {
		text = "…" + strings.ToValidUTF8(text[len(text)-most:], "")
	}
	return text
}

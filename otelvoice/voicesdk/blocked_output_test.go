// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package voicesdk_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// unread returns the two ends of a pipe, which is not read yet.
func unread(tb testing.TB) (r, w *os.File) {
	tb.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _, _ = r.Close(), w.Close() })
	return r, w
}

// unreadFIFO returns the path of a named pipe and its reader, which does not read yet.
func unreadFIFO(tb testing.TB) (path string, r *os.File) {
	tb.Helper()
	path = filepath.Join(tb.TempDir(), "app.log")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		tb.Fatal(err)
	}
	r, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = r.Close() })
	return path, r
}

// blockedOutput is an output that blocks until its reader reads.
type blockedOutput struct {
	opts   []voicesdk.Option
	reader io.Reader
}

// blockedOutputs has a constructor for each kind of blocked output, by name.
var blockedOutputs = map[string]func(t *testing.T) blockedOutput{
	"console as JSON":                  blockedConsole("json"),
	"console as text":                  blockedConsole("text"),
	"console in OpenTelemetry's shape": blockedConsole("otel"),
	"file":                             blockedFile("0"),
	"file with a buffer":               blockedFile("64KB"),
	"a writer of the user's":           blockedWriter,
}

func blockedConsole(format string) func(t *testing.T) blockedOutput {
	return func(t *testing.T) blockedOutput {
		t.Helper()
		r, w := unread(t)
		return blockedOutput{[]voicesdk.Option{voicesdk.WithLogWriter(w), variables("LOG_FORMAT", format)}, r}
	}
}

func blockedFile(buffer string) func(t *testing.T) blockedOutput {
	return func(t *testing.T) blockedOutput {
		t.Helper()
		path, r := unreadFIFO(t)
		return blockedOutput{[]voicesdk.Option{voicesdk.WithoutConsole(), variables("LOG_FILE", path, "LOG_FILE_BUFFER", buffer)}, r}
	}
}

func blockedWriter(t *testing.T) blockedOutput {
	t.Helper()
	r, w := io.Pipe()
	t.Cleanup(func() { _ = r.Close() })
	return blockedOutput{[]voicesdk.Option{voicesdk.WithLogWriter(w), variables()}, r}
}

// takeTurns takes turns and returns how long the slowest one was blocked.
func takeTurns(tel *voicesdk.SDK, turns int) (slowest time.Duration) {
	ctx, session := tel.StartSession(context.Background())
	defer session.End()
	for n := range turns {
		start := time.Now()
		tctx, turn := session.StartTurn(ctx)
		_, llm := turn.StartLLM(tctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})
		llm.End(nil)
		tel.Logger("agent").LogAttrs(tctx, slog.LevelInfo, fmt.Sprintf("said %d.", n))
		turn.End()
		slowest = max(slowest, time.Since(start))
	}
	return slowest
}

// Turns continue while an output blocks. When it unblocks, all lines arrive in order.
func TestTurnsGoOnWhileAnOutputIsBlocked(t *testing.T) {
	const turns = 500
	for name, blocked := range blockedOutputs {
		t.Run(name, func(t *testing.T) {
			output := blocked(t)
			tel, err := voicesdk.Setup(t.Context(), append(output.opts, voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics())...)
			if err != nil {
				t.Fatal(err)
			}
			// The promise is 10 ms; the rest allows for a busy machine.
			if slowest := takeTurns(tel, turns); slowest > time.Second {
				t.Errorf("a turn was held up for %v", slowest)
			} else {
				t.Logf("the slowest turn took %v", slowest)
			}
			said := make(chan int, 1)
			go func() {
				n := 0
				for scanner := bufio.NewScanner(output.reader); n < turns && scanner.Scan(); {
					if strings.Contains(scanner.Text(), fmt.Sprintf("said %d.", n)) {
						n++
					}
				}
				said <- n
				_, _ = io.Copy(io.Discard, output.reader)
			}()
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if got := <-said; got != turns {
				t.Errorf("%d lines came in order, want %d", got, turns)
			}
			if lost := tel.Health().Lost(); lost > 0 {
				t.Errorf("%d are lost", lost)
			}
		})
	}
}

// While an output blocks, Shutdown and ForceFlush return within their deadline with an error, and
// the lines that the output did not take are counted. The collector receives everything.
func TestShutdownWhileAnOutputIsBlocked(t *testing.T) {
	for name, blocked := range blockedOutputs {
		t.Run(name, func(t *testing.T) {
			receiver := otlptest.NewReceiver(t)
			output := blocked(t)
			opts := slices.Concat(output.opts, []voicesdk.Option{voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics()})
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.HTTPEndpoint())
			tel, err := voicesdk.Setup(t.Context(), opts...)
			if err != nil {
				t.Fatal(err)
			}
			takeTurns(tel, 500)
			bounded(t, "ForceFlush", tel.ForceFlush)
			bounded(t, "Shutdown", tel.Shutdown)
			if lost := tel.Health().Lost(); lost == 0 {
				t.Error("the lines that were not written are not counted")
			}
			go func() { _, _ = io.Copy(io.Discard, output.reader) }() // Without a reader the blocked write would leave a goroutine behind.
		})
	}
}

// bounded checks that do fails with its deadline of a second, and not much later.
func bounded(t *testing.T, what string, do func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	start := time.Now()
	err := do(ctx)
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("%s of one second took %v", what, took)
	}
	if err == nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%s: %v; want an error that says what was not written", what, err)
	}
}

const outputChild = "OTELVOICE_TEST_CHILD"

// child runs this test binary again, as a shell would start a process.
func child(t *testing.T, what string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), append(env, outputChild+"="+what)...)
	return cmd
}

// An agent whose stdout is closed, as in "voiceagent | head -1", continues its calls, counts the
// lost lines and reports the loss once.
func TestClosedStdoutDoesNotEndTheAgent(t *testing.T) {
	if os.Getenv(outputChild) != "" {
		tel, err := voicesdk.Setup(context.Background())
		if err != nil {
			panic(err)
		}
		takeTurns(tel, 200)
		fmt.Fprintln(os.Stderr, "lost", tel.Health().LinesLost["console"] > 0)
		if err := tel.Shutdown(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(0)
	}
	for _, format := range []string{"json", "text", "otel"} {
		t.Run(format, func(t *testing.T) {
			r, w := unread(t)
			cmd := child(t, "agent", "LOG_FORMAT="+format)
			cmd.Args[1] = "-test.run=^TestClosedStdoutDoesNotEndTheAgent$"
			var stderr strings.Builder
			cmd.Stdout, cmd.Stderr = w, &stderr
			_ = r.Close()
			if err := cmd.Run(); err != nil {
				t.Errorf("the agent: %v", err)
			}
			if got := strings.Count(stderr.String(), "are lost and counted"); got != 1 && format != "otel" || !strings.Contains(stderr.String(), "lost true") {
				t.Errorf("it said %d times that lines are lost:\n%s", got, stderr.String())
			}
		})
	}
}

// A killed process loses no line whose log call had returned, if its output accepts lines.
func TestKilledProcessLosesNoLine(t *testing.T) {
	if os.Getenv(outputChild) != "" {
		tel, err := voicesdk.Setup(context.Background(), voicesdk.WithoutGlobals())
		if err != nil {
			panic(err)
		}
		done := os.NewFile(3, "done")
		logger := tel.Logger("m")
		for n := 0; ; n++ {
			logger.Info("line", "n", n)
			if _, err := fmt.Fprintln(done, n); err != nil {
				os.Exit(1)
			}
		}
	}
	for _, to := range []string{"console", "file"} {
		t.Run(to, func(t *testing.T) {
			// A disk that stalls for longer than a line may wait is an output that does not accept
			// lines.
			const attempts = 3
			for attempt := 1; ; attempt++ {
				lost := linesOfKilledProcess(t, to)
				if lost == "" {
					return
				}
				if attempt == attempts {
					t.Fatal(lost)
				}
				t.Log(lost)
			}
		})
	}
}

// linesOfKilledProcess kills a process that logs and returns which lines are missing.
func linesOfKilledProcess(t *testing.T, to string) (lost string) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	file, err := os.Create(filepath.Join(dir, "console.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	doneReader, done := unread(t)
	cmd := child(t, "killed", "LOG_OUTPUT="+to, "LOG_FILE="+path)
	cmd.Args[1] = "-test.run=^TestKilledProcessLosesNoLine$"
	cmd.Stdout, cmd.Stderr = file, os.Stderr
	cmd.ExtraFiles = []*os.File{done}
	if to == "console" {
		path = file.Name()
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = done.Close()
	last, scanner := "", bufio.NewScanner(doneReader)
	for range 5000 {
		if !scanner.Scan() {
			t.Fatal("the process ended by itself")
		}
		last = scanner.Text()
	}
	_ = cmd.Process.Kill()
	for scanner.Scan() {
		last = scanner.Text()
	}
	_ = cmd.Wait()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var numbers []string
	for line := range strings.Lines(string(text)) {
		var l struct {
			Extra struct{ N json.Number } `json:"extra_data"`
		}
		if json.Unmarshal([]byte(line), &l) == nil {
			numbers = append(numbers, l.Extra.N.String())
		}
	}
	if slices.Contains(numbers, last) {
		return ""
	}
	return fmt.Sprintf("line %s was logged, and the last of %d lines in the %s is %s", last, len(numbers), to, numbers[len(numbers)-1])
}

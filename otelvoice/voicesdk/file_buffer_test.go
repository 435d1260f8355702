// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// buffered sets up a log file whose buffer is flushed only by the code under test.
func buffered(t *testing.T, path string, pairs ...string) *voicesdk.SDK {
	t.Helper()
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(), voicesdk.WithoutConsole(),
		variables(append(pairs, "LOG_FILE", path, "LOG_FILE_BUFFER", "64KB", "LOG_FILE_FLUSH_INTERVAL", "1h")...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tel.Shutdown(context.Background()) })
	return tel
}

// inFile returns which of the messages are in the file, in the file's order. Lines contain the
// path of the source file, so the messages must contain characters that no path contains.
func inFile(t *testing.T, path string, messages ...string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(text)) {
		for _, m := range messages {
			if strings.Contains(line, m) && strings.HasSuffix(line, "\n") {
				found = append(found, m)
			}
		}
	}
	return strings.Join(found, " ")
}

// In every format, a line that is flushed at once takes all earlier lines with it.
func TestErrorsDoNotWaitInTheBuffer(t *testing.T) {
	for _, format := range []string{"json", "text", "otel"} {
		t.Run(format, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "app.log")
			tel := buffered(t, path, "LOG_FILE_FORMAT", format)
			logger := tel.Logger("m")
			for _, step := range []struct {
				what string
				do   func()
				want string
			}{
				{"an information", func() { logger.Info("№1") }, ""},
				{"a warning", func() { logger.Warn("№2") }, ""},
				{"an error", func() { logger.Error("№3") }, "№1 №2 №3"},
				{"an information after it", func() { logger.Info("№4") }, "№1 №2 №3"},
				{"what is worse than an error", func() { logger.Log(t.Context(), slog.LevelError+4, "№5") }, "№1 №2 №3 №4 №5"},
				{"more of them", func() { logger.Info("№6"); logger.Info("№7") }, "№1 №2 №3 №4 №5"},
				{"ForceFlush", func() {
					if err := tel.ForceFlush(t.Context()); err != nil {
						t.Error(err)
					}
				}, "№1 №2 №3 №4 №5 №6 №7"},
				{"the last", func() { logger.Info("№8") }, "№1 №2 №3 №4 №5 №6 №7"},
				{"Shutdown with a context that is cancelled", func() {
					ctx, cancel := context.WithCancel(t.Context())
					cancel()
					if err := tel.Shutdown(ctx); err != nil {
						t.Error(err)
					}
				}, "№1 №2 №3 №4 №5 №6 №7 №8"},
			} {
				step.do()
				if got := inFile(t, path, "№1", "№2", "№3", "№4", "№5", "№6", "№7", "№8"); got != step.want {
					t.Errorf("after %s the file has %q, want %q", step.what, got, step.want)
				}
			}
		})
	}
}

// After a panic, the file has the buffered lines, the panic and the end lines of the sessions
// that it ended.
func TestCatchPanicFlushesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	tel := buffered(t, path)
	func() {
		defer func() { _ = recover() }()
		defer tel.CatchPanic()
		tel.StartSession(t.Context())
		tel.Logger("m").Info("№1")
		panic("no more tea")
	}()
	if got := inFile(t, path, "№1", "no more tea", `"module":"voice.session"`); got != `№1 no more tea "module":"voice.session"` {
		t.Errorf("the file has %q", got)
	}
}

// The configured flush interval is passed to the file.
func TestFileFlushInterval(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole(), variables(),
		voicesdk.WithLogConfig(voicesdk.LogConfig{File: path, FileBuffer: new(int64(64 << 10)), FileFlushInterval: time.Millisecond}))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tel.Shutdown(t.Context()) }()
	tel.Logger("m").Info("№1")
	for inFile(t, path, "№1") == "" { // The flush is asynchronous; the test's own deadline bounds this loop.
		runtime.Gosched()
	}
}

// Buffered lines that could not be written count as lost, once each, also in the metric, whose
// last export comes after the last loss.
func TestLostLinesOfTheBufferAreCounted(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("/dev/full is Linux's")
	}
	path := filepath.Join(t.TempDir(), "app.log")
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Fatal(err)
	}
	receiver := otlptest.NewReceiver(t)
	tel := buffered(t, path, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", receiver.HTTPEndpoint()+"/v1/metrics")
	logger := tel.Logger("m")
	logger.Info("one")
	logger.Info("two")
	if got := tel.Health().LinesLost["file"]; got != 0 {
		t.Errorf("%d lines are lost while they wait", got)
	}
	logger.Error("three")
	logger.Info("four", "longer", strings.Repeat("x", 60<<10), "than the buffer", strings.Repeat("x", 60<<10))
	logger.Info("five")
	if got := tel.Health().LinesLost["file"]; got != 4 {
		t.Errorf("%d lines are lost, want 4 and one that waits", got)
	}
	if err := tel.Shutdown(t.Context()); err == nil {
		t.Error("Shutdown does not say that a line is lost")
	}
	if got := tel.Health().LinesLost["file"]; got != 5 {
		t.Errorf("%d lines are lost in the end, want 5", got)
	}
	var last int64
	for _, m := range receiver.AllMetrics() {
		if m.GetName() == "voice.logs.dropped" {
			for _, point := range m.GetSum().GetDataPoints() {
				last = point.GetAsInt()
			}
		}
	}
	if last != 5 {
		t.Errorf("the metric ends with %d, want 5", last)
	}
}

func TestFileBufferSettings(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "log.json")
	if err := os.WriteFile(config, []byte("{\n\"file_buffer\": 65536,\n\"file_flush_interval\": \"0.25s\"\n}"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "app.log")
	for _, tt := range []struct {
		name             string
		opts             []voicesdk.Option
		buffer, interval string
	}{
		{"by default", []voicesdk.Option{variables()}, "0 default ", "1s default "},
		{"by the file", []voicesdk.Option{variables("LOG_CONFIG_FILE", config)}, "64KB file " + config + ":2", "250ms file " + config + ":3"},
		{
			"by the environment",
			[]voicesdk.Option{variables("LOG_CONFIG_FILE", config, "LOG_FILE_BUFFER", "1 MiB", "LOG_FILE_FLUSH_INTERVAL", "60000")},
			"1MB environment LOG_FILE_BUFFER", "1m environment LOG_FILE_FLUSH_INTERVAL",
		},
		{
			"by an option",
			[]voicesdk.Option{
				variables("LOG_FILE_BUFFER", "1MB"),
				voicesdk.WithLogConfig(voicesdk.LogConfig{File: path, FileBuffer: new(int64(0)), FileFlushInterval: 90 * time.Second}),
			},
			"0 option ", "1m30s option ",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, err := voicesdk.Setup(t.Context(), append(tt.opts, voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())...)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tel.Shutdown(t.Context()) }()
			for key, want := range map[string]string{"file_buffer": tt.buffer, "file_flush_interval": tt.interval} {
				s, ok := tel.Config().Get(key)
				if got := s.Value + " " + s.Origin + " " + s.Place; !ok || got != want {
					t.Errorf("%s is %q, want %q", key, got, want)
				}
			}
		})
	}
	for _, tt := range []struct {
		name string
		opt  voicesdk.Option
		want string
	}{
		{"no size", variables("LOG_FILE_BUFFER", "much"), `LOG_FILE_BUFFER="much": want a size`},
		{"too much", variables("LOG_FILE_BUFFER", "17MB"), `LOG_FILE_BUFFER="17MB": want a size such as 64KB, 16MB at most`},
		{"less than nothing", voicesdk.WithLogConfig(voicesdk.LogConfig{FileBuffer: new(int64(-1))}), `LogConfig.FileBuffer="-1": want a size`},
		{"no duration", variables("LOG_FILE_FLUSH_INTERVAL", "soon"), `LOG_FILE_FLUSH_INTERVAL="soon": want a duration`},
		{"never", variables("LOG_FILE_FLUSH_INTERVAL", "0"), `LOG_FILE_FLUSH_INTERVAL="0": want a duration such as 1s, 500ms or a number of milliseconds, from 1ms to 1h`},
		{"too long", voicesdk.WithLogConfig(voicesdk.LogConfig{FileFlushInterval: 2 * time.Hour}), `LogConfig.FileFlushInterval="2h0m0s": want a duration`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole(), tt.opt)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// oneCall records a session with one turn.
func oneCall(ctx context.Context, tel *voicesdk.SDK) {
	ctx, session := tel.StartSession(ctx)
	_, turn := session.StartTurn(ctx)
	turn.End()
	session.End()
}

// The next process sends what a process could not send, however the spool is configured.
func TestSpoolOutlivesTheProcess(t *testing.T) {
	for _, by := range []string{"option", "variable"} {
		t.Run(by, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "spool")
			setup := func(endpoint string, out *lockedBuffer) *voicesdk.SDK {
				t.Helper()
				vars := []string{"OTEL_EXPORTER_OTLP_ENDPOINT", endpoint}
				opts := []voicesdk.Option{voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(out), voicesdk.WithShutdownTimeout(5 * time.Second)}
				if by == "variable" {
					vars = append(vars, "OTELVOICE_SPOOL_DIR", dir)
				} else {
					opts = append(opts, voicesdk.WithSpool(dir), voicesdk.WithSpoolLimits(10<<20, time.Hour))
				}
				tel, err := voicesdk.Setup(t.Context(), append(opts, variables(vars...))...)
				if err != nil {
					t.Fatal(err)
				}
				return tel
			}
			var out lockedBuffer
			first := setup("http://127.0.0.1:1", &out)
			oneCall(t.Context(), first)
			if err := first.Shutdown(t.Context()); err != nil {
				t.Errorf("nothing is lost, but Shutdown says: %v", err)
			}
			if h := first.Health(); h.Lost() > 0 || h.Delivering() || len(h.Sending) != 3 {
				t.Errorf("health: %+v", h)
			}
			told := bytes.Count(bytes.Join(out.lines(), nil), []byte("export failed, buffering "))
			if told == 0 || told > 3 {
				t.Errorf("%d times it is told that the collector is away: %s", told, out.lines())
			}

			r := otlptest.NewReceiver(t)
			second := setup(r.HTTPEndpoint(), &lockedBuffer{})
			if err := second.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if len(r.AllSpans()) != 2 || len(r.AllLogs()) == 0 || len(r.AllMetrics()) == 0 {
				t.Errorf("%d spans, %d records, %d metrics arrived", len(r.AllSpans()), len(r.AllLogs()), len(r.AllMetrics()))
			}
			if h := second.Health(); h.Lost() > 0 || !h.Delivering() {
				t.Errorf("health: %+v", h)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("%v are left, %v", left, err)
			}
		})
	}
}

func TestSpoolSettingsThatMakeNoSense(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ variable, value, want string }{
		{"OTELVOICE_SPOOL_DIR", file, file},
		{"OTELVOICE_SPOOL_MAX_BYTES", "lots", "OTELVOICE_SPOOL_MAX_BYTES"},
		{"OTELVOICE_SPOOL_MAX_AGE", "0", "OTELVOICE_SPOOL_MAX_AGE"},
	} {
		_, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&lockedBuffer{}),
			variables("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1", tt.variable, tt.value))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s=%s: got %v", tt.variable, tt.value, err)
		}
	}
}

// Without exporters nothing is sent or lost, and Health is empty.
func TestHealthOfWhatSendsNothing(t *testing.T) {
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&lockedBuffer{}), variables())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tel.Shutdown(t.Context()) }()
	if h := tel.Health(); len(h.Sending) > 0 || h.Lost() > 0 || !h.Delivering() {
		t.Errorf("health: %+v", h)
	}
	var none *voicesdk.SDK
	if h := none.Health(); h.Lost() > 0 || !h.Delivering() {
		t.Errorf("health of nil: %+v", h)
	}
}

// CatchPanic logs the panic with its stack and sends pending telemetry before it re-panics.
func TestCatchPanic(t *testing.T) {
	r := otlptest.NewReceiver(t)
	var out lockedBuffer
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&out),
		variables("OTEL_EXPORTER_OTLP_ENDPOINT", r.HTTPEndpoint(), "LOG_INCLUDE_TRACEBACK", "true"))
	if err != nil {
		t.Fatal(err)
	}
	caught := func() (value any) {
		defer func() { value = recover() }()
		defer tel.CatchPanic()
		ctx, session := tel.StartSession(t.Context())
		_, _ = session.StartTurn(ctx)
		panic("no more tea")
	}()
	if caught != "no more tea" {
		t.Errorf("it goes on as %v", caught)
	}
	if len(r.AllSpans()) != 2 {
		t.Errorf("%d spans arrived, want those of the session and of its turn", len(r.AllSpans()))
	}
	lines := string(bytes.Join(out.lines(), []byte("\n")))
	for _, want := range []string{"the process panics", "no more tea", "TestCatchPanic"} {
		if !strings.Contains(lines, want) {
			t.Errorf("%q is not told in\n%s", want, lines)
		}
	}
	func() { // Without a panic, or without telemetry, CatchPanic does nothing.
		defer tel.CatchPanic()
	}()
	defer func() {
		if recover() != "as if it were not there" {
			t.Error("a nil Telemetry takes panics away")
		}
	}()
	var none *voicesdk.SDK
	defer none.CatchPanic()
	panic("as if it were not there")
}

// Records logged after Shutdown are lost, and Health counts them.
func TestWhatIsLoggedAfterShutdownIsCounted(t *testing.T) {
	r := otlptest.NewReceiver(t)
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&lockedBuffer{}),
		variables("OTEL_EXPORTER_OTLP_ENDPOINT", r.HTTPEndpoint()))
	if err != nil {
		t.Fatal(err)
	}
	logger := tel.Logger("late")
	logger.Info("in time")
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if lost := tel.Health().Lost(); lost > 0 {
		t.Errorf("%d are lost before anything is late", lost)
	}
	for range 3 {
		logger.Info("late")
	}
	for _, h := range tel.Health().Sending {
		if want := map[string]int64{"logs": 3}[string(h.Signal)]; h.Dropped["shutdown"] != want {
			t.Errorf("%s: %d are counted as dropped at the shutdown, want %d", h.Signal, h.Dropped["shutdown"], want)
		}
	}
}

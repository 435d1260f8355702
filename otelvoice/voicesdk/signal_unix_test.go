// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package voicesdk_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/semconv"
)

// childVariable selects what a child process of these tests does.
const childVariable = "OTELVOICE_TEST_SIGNAL_CHILD"

// TestSignalChild is not a test but the process that receives the signals.
func TestSignalChild(t *testing.T) {
	mode := os.Getenv(childVariable)
	if mode == "" {
		t.Skip("it is run by the others")
	}
	options := []voicesdk.Option{voicesdk.WithoutRuntimeMetrics(), voicesdk.WithShutdownOnSignal(), voicesdk.WithShutdownTimeout(time.Minute)}
	if mode == "hangs" {
		options = append(options, voicesdk.WithSpanProcessor(&fault{shutdown: func() {
			fmt.Fprintln(os.Stdout, "hangs")
			select {}
		}}))
	}
	ctx := context.Background()
	var own context.Context
	asked := make(chan struct{})
	if mode == "has a handler" {
		var stop context.CancelFunc
		own, stop = signal.NotifyContext(ctx, syscall.SIGTERM)
		context.AfterFunc(own, stop)
		options = append(options, voicesdk.WithSpanProcessor(&fault{shutdown: func() { <-asked }}))
	}
	tel, err := voicesdk.Setup(ctx, options...)
	if err != nil {
		t.Fatal(err)
	}
	if mode == "is set up twice" {
		other, err := voicesdk.Setup(ctx, append(options, voicesdk.WithoutGlobals())...)
		if err != nil {
			t.Fatal(err)
		}
		openCalls(ctx, other)
	}
	openCalls(ctx, tel)
	if mode == "was shut down" {
		if err := tel.Shutdown(ctx); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintln(os.Stdout, "ready")
	if own == nil {
		select {}
	}
	<-own.Done()
	if err := tel.Shutdown(asking{own, sync.OnceFunc(func() { close(asked) })}); err != nil {
		t.Fatal(err)
	}
	os.Exit(7)
}

// asking is the context of a call of Shutdown. Its deadline is asked for when the call has begun.
type asking struct {
	context.Context //nolint:containedctx // It is one.

	begun func()
}

func (a asking) Deadline() (time.Time, bool) {
	a.begun()
	return a.Context.Deadline()
}

// openCalls opens three calls, each with a turn and a stage.
func openCalls(ctx context.Context, tel *voicesdk.SDK) {
	for range 3 {
		ctx, session := tel.StartSession(ctx)
		ctx, turn := session.StartTurn(ctx)
		turn.StartLLM(ctx, gpt)
	}
}

// A deployment ends a process with SIGTERM during calls: all spans arrive, sessions record why
// they ended, and the process still dies of the signal.
func TestRollOutLosesNoOpenCall(t *testing.T) {
	for _, tt := range []struct {
		mode   string
		ignore string // A signal that the process ignores from the start.
		send   []syscall.Signal
		spans  int
		died   syscall.Signal // The signal that ends it; 0 if it exits:
		exit   int
	}{
		{mode: "has none", send: []syscall.Signal{syscall.SIGTERM}, spans: 9, died: syscall.SIGTERM},
		{mode: "has none", send: []syscall.Signal{syscall.SIGINT}, spans: 9, died: syscall.SIGINT},
		{mode: "is set up twice", send: []syscall.Signal{syscall.SIGTERM}, spans: 18, died: syscall.SIGTERM},
		{mode: "hangs", send: []syscall.Signal{syscall.SIGTERM, syscall.SIGTERM}, died: syscall.SIGTERM},
		{mode: "hangs", send: []syscall.Signal{syscall.SIGTERM, syscall.SIGINT}, died: syscall.SIGINT},
		{mode: "was shut down", send: []syscall.Signal{syscall.SIGTERM}, spans: 9, died: syscall.SIGTERM},
		{mode: "has a handler", send: []syscall.Signal{syscall.SIGTERM}, spans: 9, exit: 7},
		{mode: "ignores SIGINT", ignore: "INT", send: []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}, spans: 9, died: syscall.SIGTERM},
	} {
		t.Run(fmt.Sprint(tt.mode, " ", tt.send), func(t *testing.T) {
			r := otlptest.NewReceiver(t)
			args := []string{os.Args[0], "-test.run=^TestSignalChild$"}
			if tt.ignore != "" {
				args = append([]string{"sh", "-c", `trap "" ` + tt.ignore + `; exec "$0" "$@"`}, args...)
			}
			child := exec.CommandContext(t.Context(), args[0], args[1:]...)
			child.Env = append(os.Environ(), childVariable+"="+tt.mode, "OTEL_EXPORTER_OTLP_ENDPOINT="+r.HTTPEndpoint())
			var stderr bytes.Buffer
			child.Stderr = &stderr
			stdout, err := child.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(stdout)
			until := func(want string) {
				t.Helper()
				for lines.Scan() {
					if strings.Contains(lines.Text(), want) {
						return
					}
				}
				t.Errorf("the process does not print %q: %s", want, &stderr)
			}
			until("ready")
			for i, s := range tt.send {
				if i == 1 && tt.mode == "hangs" {
					until("hangs")
				}
				if err := child.Process.Signal(s); err != nil {
					t.Error(err)
				}
			}
			if tt.mode == "has none" {
				until("signal received, shutting down")
			}
			for lines.Scan() { // Until the process ends.
			}
			_ = child.Wait()
			status, _ := child.ProcessState.Sys().(syscall.WaitStatus)
			if died := status.Signaled() && status.Signal() == tt.died; died != (tt.died != 0) || !died && status.ExitStatus() != tt.exit {
				t.Errorf("%v, want signal %v or status %d\n%s", child.ProcessState, tt.died, tt.exit, &stderr)
			}
			spans := r.AllSpans()
			if len(spans) != tt.spans && tt.mode != "hangs" {
				t.Errorf("%d spans arrived, want %d", len(spans), tt.spans)
			}
			for _, span := range spans {
				if span.GetName() != semconv.SpanVoiceSession {
					continue
				}
				if !strings.Contains(fmt.Sprint(span.GetAttributes()), string(otelvoice.EndShutdown)) {
					t.Errorf("a session does not say why it ended: %v", span.GetAttributes())
				}
			}
		})
	}
}

// WithShutdownOnSignal leaves no goroutine behind.
func TestNoGoroutineWaitsForSignalsAfterShutdown(t *testing.T) {
	before := goleak.IgnoreCurrent()
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(), voicesdk.WithLogWriter(&lockedBuffer{}),
		voicesdk.WithShutdownOnSignal(), variables())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	goleak.VerifyNone(t, before)
}

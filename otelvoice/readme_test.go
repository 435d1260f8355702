// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"go.opentelemetry.io/otel"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// Call is the phone call in the README's program.
type Call struct{ ID string }

// Listen returns a fixed transcript.
func (Call) Listen(context.Context) (string, error) { return "hello", nil }

// Speak says words, telling of its first byte.
func (Call) Speak(_ context.Context, words iter.Seq2[string, error], firstByte func()) error {
	for word, err := range words {
		if err != nil {
			return err
		}
		firstByte()
		_, _ = io.WriteString(io.Discard, word)
	}
	return nil
}

func think(context.Context, string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) { yield("Hello.", nil) }
}

// The program of the README's first screen, to the letter.
func run(ctx context.Context, call Call) (err error) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM) // a roll-out ends the call in order
	defer stop()
	tel, err := voicesdk.Setup(ctx, voicesdk.WithServiceName("concierge"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tel.Shutdown(ctx)) }() // bounded; works though ctx is cancelled

	ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID(call.ID))
	defer session.End()
	ctx, turn := session.StartTurn(ctx)
	defer turn.End() // ends any stage still open, as abandoned

	sctx, stt := turn.StartSTT(ctx, nova3)
	heard, err := call.Listen(sctx)
	stt.End(err)
	if err != nil {
		return err
	}
	lctx, llm := turn.StartLLM(ctx, gpt)
	words := otelvoice.Stream(llm, think(lctx, heard)) // the first word marks TTFT; drained or dropped, the span ends

	tctx, tts := turn.StartTTS(ctx, sonic3)
	err = call.Speak(tctx, words, tts.FirstByte)
	tts.End(err)
	return err
}

func TestREADMEShowsWhatCompiles(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ := strings.Cut(string(readme), "```go\n")
	program, _, _ = strings.Cut(program, "```")
	if program == "" || !strings.Contains(string(source), program) {
		t.Error("the README's program is not the one in this file")
	}
}

func TestREADMEProgramRuns(t *testing.T) {
	restore := globals()
	defer restore()
	if err := run(t.Context(), Call{ID: "call-1"}); err != nil {
		t.Error(err)
	}
}

// globals returns a function that restores OpenTelemetry's and slog's globals.
func globals() (restore func()) {
	logger, tracers, meters, propagator := slog.Default(), otel.GetTracerProvider(), otel.GetMeterProvider(), otel.GetTextMapPropagator()
	logs := otel.GetLoggerProvider()
	return func() {
		slog.SetDefault(logger)
		otel.SetLoggerProvider(logs)
		otel.SetTracerProvider(tracers)
		otel.SetMeterProvider(meters)
		otel.SetTextMapPropagator(propagator)
	}
}

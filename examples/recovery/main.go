// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Recovery shows errors in the log, and how an agent records its recovery from them: a
// provider fails, is retried and is replaced, and a part of the program panics.
//
//	go run ./examples/recovery
//	go run ./examples/recovery | jq -c 'select(.exception) | {code: .extra_data.error_code, recovery: .extra_data.recovery_action, exception}'
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// overloadError is the error of the first provider. Its methods return its class and its code
// for logs and metrics.
type overloadError struct{ provider string }

func (e *overloadError) Error() string     { return e.provider + " answered 503" }
func (e *overloadError) ErrorType() string { return "overloaded" }   // error.type, an attribute of metrics.
func (e *overloadError) ErrorCode() string { return "TTS_OVERLOAD" } // error_code, for a run book.

var (
	primary  = otelvoice.Model{Provider: "cartesia", Name: "sonic-3"}
	fallback = otelvoice.Model{Provider: "openai", Name: "tts-1"}
)

func run(ctx context.Context) (err error) {
	tel, err := voicesdk.Setup(ctx,
		voicesdk.WithServiceName("recovery"),
		voicesdk.WithLogConfig(voicesdk.LogConfig{IncludeTraceback: new(true)}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tel.Shutdown(ctx)) }()

	ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID("call-1"))
	defer session.End()
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()

	// Each attempt has a span and a log line. The log has the recovery action after a
	// failure. The outcome of the turn is that of the last attempt.
	err = speak(ctx, turn, primary)
	if err != nil {
		slog.WarnContext(ctx, "synthesis failed", otelvoice.Error(err, otelvoice.RecoveryAction("retry")))
		err = speak(ctx, turn, primary)
	}
	if err != nil {
		slog.WarnContext(ctx, "synthesis failed again", otelvoice.Error(err, otelvoice.RecoveryAction("fallback")))
		err = speak(ctx, turn, fallback)
	}
	if err != nil {
		slog.ErrorContext(ctx, "all synthesis failed", otelvoice.Error(err, otelvoice.ErrorCode("TTS_DOWN"), otelvoice.RecoveryAction("hang_up")))
		return err
	}

	// A panic in an operation is logged with its stack trace. Here the program recovers.
	if err := guarded(ctx, "load preferences", func(context.Context) error { panic("index out of range") }); err != nil {
		slog.WarnContext(ctx, "continuing without preferences", otelvoice.Error(err, otelvoice.RecoveryAction("default")))
	}
	return nil
}

// speak synthesizes with a model. The first provider is overloaded.
func speak(ctx context.Context, turn *otelvoice.Turn, model otelvoice.Model) (err error) {
	_, tts := turn.StartTTS(ctx, model)
	defer func() { tts.End(err) }()
	tts.AddText("One moment, please.")
	if model == primary {
		return fmt.Errorf("synthesize: %w", &overloadError{model.Provider})
	}
	tts.FirstByte()
	return nil
}

// guarded runs an operation and returns its panic as an error.
func guarded(ctx context.Context, name string, fn func(context.Context) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: panic: %v", name, r)
		}
	}()
	_, err = otelvoice.Timed(ctx, name, func(ctx context.Context) (struct{}, error) { return struct{}{}, fn(ctx) })
	return err
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Logging shows structured logging outside of a call: loggers with a module and a component,
// levels that change while the program runs, and values that are not logged.
//
//	go run ./examples/logging
//	LOG_FORMAT=text go run ./examples/logging
//	LOG_EXCLUDE_MODULES=voice.tts go run ./examples/logging
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

func run(ctx context.Context) (err error) {
	tel, err := voicesdk.Setup(ctx, voicesdk.WithServiceName("logging"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tel.Shutdown(ctx)) }()

	// slog's default logger writes to the toolkit's log. Its module is the service.
	slog.InfoContext(ctx, "agent started", "version", "1.4.2")

	// A logger for a part of the program has a module, for filters, and a component.
	stt := tel.Logger("voice.stt", otelvoice.Component("whisper", otelvoice.ComponentSTT))
	tts := tel.Logger("voice.tts", otelvoice.Component("sonic-3", otelvoice.ComponentTTS))
	stt.InfoContext(ctx, "transcribed", "confidence", 0.95, "language", "en",
		slog.Group("audio", "seconds", 2.9, "codec", "pcm_s16le"))

	// Audio is logged as its size, and a password is redacted.
	audio := make([]byte, 48_000)
	tts.InfoContext(ctx, "spoken", "audio", audio, "password", "correct horse battery staple")

	// Levels can be changed while the program runs, also for one module.
	stt.DebugContext(ctx, "not seen: the level is INFO")
	if err := tel.SetLevel(slog.LevelDebug, "voice.stt"); err != nil {
		return err
	}
	stt.DebugContext(ctx, "seen now")
	tts.DebugContext(ctx, "not seen: the level of another module changed")

	// Log lines inside a session have its IDs.
	ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID("call-1"), otelvoice.WithUserID("user_123"))
	defer session.End()
	stt.WarnContext(ctx, "high noise level", "snr_db", 4.5)
	return nil
}

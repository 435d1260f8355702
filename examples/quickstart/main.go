// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Quickstart is one turn of a voice agent with its telemetry.
package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

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
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	tel, err := voicesdk.Setup(ctx, voicesdk.WithServiceName("concierge"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tel.Shutdown(ctx)) }() // bounded; works after ctx is cancelled

	ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID("call-1"))
	defer session.End()
	ctx, turn := session.StartTurn(ctx)
	defer turn.End() // ends stages that are still open

	sttCtx, stt := turn.StartSTT(ctx, otelvoice.Model{Provider: "deepgram", Name: "nova-3"})
	question, err := transcribe(sttCtx)
	stt.End(err)
	if err != nil {
		return err
	}
	slog.InfoContext(ctx, "question transcribed", "characters", len(question)) // carries the IDs of the call

	llmCtx, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})
	words := otelvoice.Stream(llm, answer(llmCtx, question)) // records the first token and ends the stage

	ttsCtx, tts := turn.StartTTS(ctx, otelvoice.Model{Provider: "cartesia", Name: "sonic-3"})
	err = speak(ttsCtx, words, tts.FirstByte)
	tts.End(err)
	return err
}

// The functions below stand for the clients of your providers.

func transcribe(context.Context) (string, error) { return "Do you have a table?", nil }

func answer(context.Context, string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) { yield("Yes, at eight.", nil) }
}

func speak(_ context.Context, words iter.Seq2[string, error], firstByte func()) error {
	for _, err := range words {
		if err != nil {
			return err
		}
		firstByte()
	}
	return nil
}

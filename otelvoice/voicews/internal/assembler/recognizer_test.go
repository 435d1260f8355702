// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
)

// Rules of docs/live-calls.md that streams of gRPC brought.
func TestRecognizerRules(t *testing.T) {
	var c assembler.Config
	tell(t, "the program gives a recogniser up", c, func(w *world) {
		w.ring()
		w.says()
		w.heard.Closed(fmt.Errorf("recognise: %w", context.Canceled))
		w.sent, w.heard = 0, nil
		w.pass(300 * ms)
		w.listen()
		llm := w.thinks()
		w.speaks(2, "")
		llm.End(nil)
		w.pass(2000 * ms)
		w.hangsUp()
	})
	tell(t, "offsets come with the final transcript", c, func(w *world) {
		w.ring()
		w.pass(1000 * ms)
		w.heard.Event(&wire.Event{Kind: wire.Partial, Characters: 5})
		w.pass(500 * ms)
		w.final(300*ms, 1200*ms)
		w.commit()
		llm := w.thinks()
		w.speaks(2, "")
		llm.End(nil)
		w.pass(2000 * ms)
		w.hangsUp()
	})
	tell(t, "a request is cancelled when words are known", c, func(w *world) {
		w.ring()
		w.says()
		llm := w.thinks()
		llm.End(nil)
		ctx, cancel := context.WithCancel(w.ctx)
		request := &wire.Request{Stage: wire.TTS, Provider: "elevenlabs", Model: "flash", Format: mulaw}
		_, tts := vendorcall.FromContext(ctx).OpenStage(ctx, &vendorcall.Call{Request: request, Attempt: 1})
		w.audio(tts, 400*ms)
		w.pass(300 * ms)
		w.heard.Event(&wire.Event{Kind: wire.Partial, Characters: 5})
		cancel()
		tts.End(ctx.Err())
		w.pass(2000 * ms)
		w.hangsUp()
	})
}

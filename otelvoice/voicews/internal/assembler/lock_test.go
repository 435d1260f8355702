// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler_test

import (
	"testing"
	"testing/synctest"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
)

// An observer of turns may use the call that starts the turn. It loses what it would record, and does not
// block.
func TestObserverThatCallsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sdk, rec := voicetest.Setup(t)
		w := &world{tb: t, tel: sdk.Telemetry, call: assembler.New(t.Context(), assembler.Config{Telemetry: sdk.Telemetry})}
		w.ctx = w.call.Context()
		w.ring()
		var observed int
		w.call.Session().OnTurn(func(*otelvoice.Turn) func() {
			observed++
			if w.call.Session() == nil {
				t.Error("no session")
			}
			request := &wire.Request{Stage: wire.LLM, Provider: "openai", Model: "gpt-4o-mini"}
			_, s := vendorcall.FromContext(w.ctx).OpenStage(w.ctx, &vendorcall.Call{Request: request, Attempt: 1})
			s.End(nil)
			return func() { w.call.End() }
		})
		w.says()
		llm := w.thinks()
		w.speaks(2, "")
		llm.End(nil)
		w.pass(3000 * ms)
		if observed != 1 || len(rec.Named("voice.session")) != 1 {
			t.Errorf("%d turns, %d sessions", observed, len(rec.Named("voice.session")))
		}
		w.hangsUp() // After the end.
		voicetest.Check(t, rec)
	})
}

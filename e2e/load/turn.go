// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package load

import (
	"context"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
)

// The models of a turn.
var (
	STT = otelvoice.Model{Provider: "deepgram", Name: "nova-3"}
	LLM = otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"}
	TTS = otelvoice.Model{Provider: "cartesia", Name: "sonic-3"}
)

// SpansPerTurn is the number of spans of [Turn]. Each logs a line when it ends.
const SpansPerTurn = 4

// Turn records one exchange by hand, with providers that need no time: three stages with their
// attributes, seven marks, metrics and log lines.
func Turn(ctx context.Context, session *otelvoice.Session) {
	ctx, turn := session.StartTurn(ctx)
	_, stt := turn.StartSTT(ctx, STT)
	turn.Mark(otelvoice.UserStopped)
	stt.SetAudioDuration(2 * time.Second)
	stt.SetConfidence(.93)
	stt.SetLanguage("en")
	stt.Final()
	stt.End(nil)
	turn.Mark(otelvoice.TurnCommitted)
	_, llm := turn.StartLLM(ctx, LLM)
	llm.FirstToken()
	llm.SetUsage(otelvoice.Usage{InputTokens: 180, OutputTokens: 24})
	llm.SetResponse("chatcmpl-9f8e7d6c", "gpt-4o-mini-2024-07-18", "stop")
	llm.End(nil)
	_, tts := turn.StartTTS(ctx, TTS)
	tts.AddText("We open at nine, and there is a table by the window.")
	tts.FirstByte()
	turn.Mark(otelvoice.AgentStarted)
	tts.SetAudioDuration(3 * time.Second)
	tts.End(nil)
	turn.End()
}

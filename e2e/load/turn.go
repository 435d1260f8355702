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

// SpansPerTurn is how many spans [Turn] makes, each of which has a line when it ends.
const SpansPerTurn = 4

// Turn is one exchange as an agent without a pipeline records it, with providers that need no
// time: three stages with their attributes, seven marks, their metrics and lines.
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

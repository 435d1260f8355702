// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package traced

import (
	"context"
	"time"

	"github.com/voice-agents/telemetry/benchmarks/paired"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// The turn that all contenders make: five spans with ten to twenty-one attributes and fourteen marks between
// them, and twenty-five measurements.
const (
	session               = "sess_f5e6d7c8b9a0"
	correlation           = "550e8400-e29b-41d4-a716-446655440000"
	provider, model       = "openai", "gpt-4o-mini"
	finish, input, output = "stop", 412, 57
	sttProvider, sttModel = "deepgram", "nova-3"
	ttsProvider, ttsModel = "cartesia", "sonic-3"
	ttsVoice              = "a0e99841-438c-4a64-b679-ae501e7d6091"
	speech                = "en-US"
	codec                 = otelvoice.CodecPCM16
	sttRate, ttsRate      = 16000, 24000
	confidence            = .94
	heard, spoken         = 2100 * time.Millisecond, 1840 * time.Millisecond
	tokens                = 3 // After the first chunk, which has none.
	tool, toolCall        = "book_table", "call_Yw2CaKNQmFGbcvYu"
	sttRequest            = "9e2dbb64-6d3f-4d4a-8a5b-2c9b1d0c1f10"
	llmRequest            = "req_4f1f1c7e51a94d7d"
	chatID                = "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT"
	responseModel         = "gpt-4o-mini-2024-07-18"
	reply                 = "With pleasure. A table for two at seven, by the window."
)

// turns returns the contenders that make turns, the baseline first.
func turns(s sinks) []paired.Contender {
	voice := func(opts ...voicesdk.Option) func() (paired.Work, error) {
		return func() (paired.Work, error) { return voiceTurns(s, opts...) }
	}
	return []paired.Contender{
		{Name: "OpenTelemetry's SDK by hand", Start: func() (paired.Work, error) { return turnsByHand(s, givenEachTime()) }},
		{Name: "the same, sets of attributes made beforehand", Start: func() (paired.Work, error) { return turnsByHand(s, givenEachTime().once()) }},
		{Name: "otelvoice", Start: voice(voicesdk.WithoutConsole())},
		{Name: "otelvoice, and the turn's line", Start: voice(voicesdk.WithInstrumentation(otelvoice.WithoutStageLogs()))},
		{Name: "otelvoice, and the lines of turn and stages", Start: voice()},
	}
}

func voiceTurns(s sinks, opts ...voicesdk.Option) (paired.Work, error) {
	tel, err := s.voice(opts...)
	if err != nil {
		return paired.Work{}, err
	}
	ctx, one := tel.StartSession(context.Background(), otelvoice.WithSessionID(session))
	return paired.Work{
		Run: func(n int) {
			for range n {
				voiceTurn(ctx, one)
			}
		},
		Settle: Flushed(tel),
		Stop: func() {
			one.End()
			_ = tel.Shutdown(context.Background())
		},
	}, nil
}

// voiceTurn makes a turn as the toolkit's documentation shows it.
func voiceTurn(ctx context.Context, in *otelvoice.Session) {
	ctx, turn := in.StartTurn(ctx)
	turn.Mark(otelvoice.UserStarted)
	_, stt := turn.StartSTT(ctx, otelvoice.Model{Provider: sttProvider, Name: sttModel})
	stt.SetAudio(otelvoice.AudioFormat{Codec: codec, SampleRate: sttRate, Channels: 1})
	stt.Partial()
	turn.UserStopped(time.Time{}, otelvoice.AnchorVAD)
	stt.AddRequestID(sttRequest)
	stt.SetLanguage(speech)
	stt.SetConfidence(confidence)
	stt.SetAudioDuration(heard)
	stt.Final()
	stt.End(nil)
	turn.Mark(otelvoice.TurnCommitted)

	_, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: provider, Name: model})
	llm.Chunk()
	for range tokens {
		llm.FirstToken()
	}
	llm.AddRequestID(llmRequest)
	llm.SetUsage(otelvoice.Usage{InputTokens: input, OutputTokens: output})
	llm.SetResponse(chatID, responseModel, finish)
	llm.End(nil)

	_, booking := turn.StartTool(ctx, tool)
	booking.SetCallID(toolCall)
	booking.End(nil)

	_, tts := turn.StartTTS(ctx, otelvoice.Model{Provider: ttsProvider, Name: ttsModel})
	tts.SetVoice(ttsVoice)
	tts.SetAudio(otelvoice.AudioFormat{Codec: codec, SampleRate: ttsRate, Channels: 1})
	tts.AddText(reply)
	tts.FirstByte()
	turn.Mark(otelvoice.AgentStarted)
	tts.SetAudioDuration(spoken)
	tts.End(nil)
	turn.Mark(otelvoice.AgentStopped)
	turn.End()
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package samplecall plays a call in which each kind of span occurs, with the toolkit itself and on a clock that does
// not wait, for the tests of what reads spans. The times are the same each time, the random IDs are not.
package samplecall

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/pricing"
	"github.com/voice-agents/telemetry/semconv"
)

var (
	deepgram = otelvoice.Model{Provider: "deepgram", Name: "nova-3"}
	openai   = otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"}
	cartesia = otelvoice.Model{Provider: "cartesia", Name: "sonic-3"}
	live     = otelvoice.Model{Provider: "openai", Name: "gpt-realtime"}
)

// Said are texts of the call that only spans with content have.
func Said() []string {
	return []string{"a table for four", "a moment, please", "at nine, for four", `{"guests":4}`, `{"free":true}`}
}

// Spans plays the call and returns its spans, in the order in which they ended. The options come after those of the
// recorder; with content, they have otelvoice.WithContentCapture.
func Spans(t *testing.T, opts ...otelvoice.Option) (spans []sdktrace.ReadOnlySpan) {
	t.Helper()
	prices, err := pricing.New(
		pricing.Price{Provider: "openai", Model: "*", Unit: pricing.InputToken, Price: "0.40", Per: 1_000_000, Currency: "USD"},
		pricing.Price{Provider: "openai", Model: "*", Unit: pricing.OutputToken, Price: "1.60", Per: 1_000_000, Currency: "USD"},
		pricing.Price{Provider: "cartesia", Model: "*", Unit: pricing.Character, Price: "35", Per: 1_000_000, Currency: "EUR"},
	)
	if err != nil {
		t.Fatal(err)
	}
	opts = append([]otelvoice.Option{otelvoice.WithPrices(prices), otelvoice.WithLatencyBudget(2 * time.Second)}, opts...)
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t, voicesdk.WithServiceName("desk"), voicesdk.WithServiceVersion("2.3.1"), voicesdk.WithInstrumentation(opts...))
		play(t.Context(), tel)
		spans = rec.Spans()
	})
	return spans
}

func wait(d time.Duration) { <-time.After(d) }

const ms = time.Millisecond

func play(ctx context.Context, tel *voicesdk.SDK) {
	ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID("call-1"), otelvoice.WithUserID("u-7"), otelvoice.WithChannel("phone"), otelvoice.WithAgent("concierge", "1.4.0"))
	session.Connected(time.Now())
	session.SetRecording("s3://calls/call-1.wav", time.Now(), 2)
	session.SetAttributes(semconv.VoiceRoomID("RM_1"), semconv.VoiceRoomName("room-1"), semconv.VoiceSIPCallID("SCL_1"))
	_, stream := session.StartSTTStream(ctx, deepgram)
	wait(80 * ms)
	stream.Connected()
	greet(ctx, session)
	book(ctx, session, stream)
	interrupted(ctx, session, stream)
	retried(ctx, session, stream)
	speech(ctx, session)
	failed(ctx, session, stream)
	_, op := tel.StartOperation(ctx, "look up the caller")
	wait(20 * ms)
	op.End(nil)
	stream.End(nil)
	session.SetOutcome("booked")
	session.End()
}

// greet is a turn that the agent begins.
func greet(ctx context.Context, session *otelvoice.Session) {
	ctx, turn := session.StartTurn(ctx, otelvoice.AgentInitiated())
	defer turn.End()
	say(ctx, turn, "welcome", 200*ms)
	wait(900 * ms)
	turn.Mark(otelvoice.AgentStopped)
	wait(300 * ms)
}

// hear is the user's part of a turn.
func hear(ctx context.Context, turn *otelvoice.Turn, stream *otelvoice.STTStream, text string) {
	turn.Mark(otelvoice.UserStarted)
	_, stt := stream.Utterance(ctx, turn)
	wait(1500 * ms)
	turn.UserStopped(time.Now(), otelvoice.AnchorVAD)
	wait(150 * ms)
	stt.SetConfidence(0.93)
	stt.SetTranscript(text)
	stt.SetLanguage("en")
	stt.SetAudioDuration(1500 * ms)
	stt.AddRequestID("dg-1")
	stt.Final()
	stt.End(nil)
	wait(200 * ms)
	turn.Mark(otelvoice.TurnCommitted)
	wait(10 * ms)
}

// say synthesizes speech and begins to play it.
func say(ctx context.Context, turn *otelvoice.Turn, text string, after time.Duration) {
	_, tts := turn.StartTTS(ctx, cartesia)
	tts.AddText(text)
	wait(after)
	tts.FirstByte()
	wait(30 * ms)
	turn.Mark(otelvoice.AgentStarted)
	tts.SetAudioDuration(2 * time.Second)
	tts.End(nil)
}

// book is a turn with a tool: two requests to the language model.
func book(ctx context.Context, session *otelvoice.Session, stream *otelvoice.STTStream) {
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()
	hear(ctx, turn, stream, "a table for four")
	lctx, llm := turn.StartLLM(ctx, openai)
	wait(300 * ms)
	llm.Chunk()
	llm.SetUsage(otelvoice.Usage{InputTokens: 120, OutputTokens: 12, CacheReadInputTokens: 100})
	llm.SetResponse("chatcmpl-1", "gpt-4o-mini-2024", "tool_calls")
	llm.End(nil)
	_, tool := turn.StartTool(lctx, "check_availability")
	tool.SetCallID("call_1")
	tool.SetArguments(`{"guests":4}`)
	wait(50 * ms)
	tool.SetResult(`{"free":true}`)
	tool.End(nil)
	_, llm = turn.StartLLM(ctx, openai)
	llm.SetAttributes(semconv.GenAIRequestTemperature(0.7), semconv.GenAIRequestMaxTokens(200))
	wait(250 * ms)
	llm.FirstToken()
	wait(120 * ms)
	llm.SetReply("at nine, for four")
	llm.SetUsage(otelvoice.Usage{InputTokens: 150, OutputTokens: 40, ReasoningOutputTokens: 16})
	llm.SetResponse("chatcmpl-2", "gpt-4o-mini-2024", "stop")
	llm.End(nil)
	say(ctx, turn, "at nine, for four", 180*ms)
	wait(2 * time.Second)
	turn.Mark(otelvoice.AgentStopped)
}

// answer is a turn until the agent speaks.
func answer(ctx context.Context, turn *otelvoice.Turn, first time.Duration) {
	_, llm := turn.StartLLM(ctx, openai)
	wait(first)
	llm.FirstToken()
	llm.SetReply("a moment, please")
	llm.SetUsage(otelvoice.Usage{InputTokens: 90, OutputTokens: 20})
	llm.End(nil)
	say(ctx, turn, "a moment, please", 140*ms)
}

func interrupted(ctx context.Context, session *otelvoice.Session, stream *otelvoice.STTStream) {
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()
	hear(ctx, turn, stream, "and a window seat")
	answer(ctx, turn, 2100*ms) // Above the budget.
	wait(600 * ms)
	turn.Interrupt(otelvoice.AudioActivity, otelvoice.PlayedFor(600*ms))
	turn.Mark(otelvoice.AgentStopped)
}

// retried is a turn with a synthesis that fails once.
func retried(ctx context.Context, session *otelvoice.Session, stream *otelvoice.STTStream) {
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()
	hear(ctx, turn, stream, "is there parking")
	_, tts := turn.StartTTS(ctx, cartesia)
	wait(40 * ms)
	tts.End(errors.New("cartesia: 503 Service Unavailable"))
	answer(ctx, turn, 300*ms)
	wait(time.Second)
	turn.Mark(otelvoice.AgentStopped)
}

// speech is a turn of a speech-to-speech model.
func speech(ctx context.Context, session *otelvoice.Session) {
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()
	turn.Mark(otelvoice.UserStarted)
	wait(800 * ms)
	turn.UserStopped(time.Now(), otelvoice.AnchorVAD)
	_, rt := turn.StartRealtime(ctx, live)
	wait(350 * ms)
	rt.FirstAudio()
	turn.Mark(otelvoice.AgentStarted)
	rt.SetUsage(otelvoice.Usage{InputTokens: 300, OutputTokens: 80, AudioInputTokens: 200, AudioOutputTokens: 60})
	rt.SetResponse("resp_1", "gpt-realtime-2025", "completed")
	rt.SetReply("at nine, for four")
	wait(700 * ms)
	rt.End(nil)
	turn.Mark(otelvoice.AgentStopped)
}

func failed(ctx context.Context, session *otelvoice.Session, stream *otelvoice.STTStream) {
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()
	hear(ctx, turn, stream, "thank you")
	_, llm := turn.StartLLM(ctx, openai)
	wait(500 * ms)
	err := errors.New("openai: 503 Service Unavailable")
	llm.SetAttributes(attribute.Bool("app.cached", false))
	llm.End(err)
	turn.Fail(err)
}

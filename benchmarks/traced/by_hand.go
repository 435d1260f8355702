// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package traced

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/benchmarks/paired"
	"github.com/voice-agents/telemetry/semconv"
)

// byHand makes turns with the SDK alone, as an expert would write it for one agent: the stages and their
// order are in the code. Attributes that are known at the start of a span are set there, where samplers
// see them, and all others in one slice at its end, if the span is recorded. The clock is read once for
// each instant of a latency; the SDK reads it again for the spans.
type byHand struct {
	tracer trace.Tracer
	instruments
	with dimensions
}

func turnsByHand(s sinks, with dimensions) (paired.Work, error) {
	providers := s.sdk()
	in, err := newInstruments(providers.meters.Meter("agent"))
	if err != nil {
		return paired.Work{}, err
	}
	b := &byHand{tracer: providers.tracers.Tracer("agent"), instruments: in, with: with}
	ctx, parent := b.tracer.Start(context.Background(), semconv.SpanVoiceSession)
	index := 0
	return paired.Work{
		Run: func(n int) {
			for range n {
				index++
				b.turn(ctx, index)
			}
		},
		Settle: providers.flush,
		Stop: func() {
			parent.End()
			providers.stop()
		},
	}, nil
}

// mark adds an event to spans and returns its time.
func mark(name string, spans ...trace.Span) time.Time {
	if spans[0].IsRecording() {
		for _, span := range spans {
			span.AddEvent(name)
		}
	}
	return time.Now()
}

// turnID returns an ID in the toolkit's format.
func turnID() string {
	var b [8]byte
	binary.NativeEndian.PutUint64(b[:], rand.Uint64())
	return "turn_" + hex.EncodeToString(b[:6])
}

// identity returns the attributes of all spans of a turn, with capacity for those of a stage.
func identity(operation, id string, index int) []attribute.KeyValue {
	return append(make([]attribute.KeyValue, 0, 9), semconv.GenAIOperationName(operation),
		semconv.SessionID(session), semconv.GenAIConversationID(session), semconv.VoiceCorrelationID(correlation),
		semconv.VoiceTurnID(id), semconv.VoiceTurnIndex(index))
}

func (b *byHand) turn(ctx context.Context, index int) {
	id := turnID()
	ctx, turn := b.tracer.Start(ctx, semconv.SpanVoiceTurn, trace.WithAttributes(
		append(identity(semconv.GenAIOperationNameInvokeAgent, id, index), semconv.VoiceTurnInitiator(semconv.VoiceTurnInitiatorUser))...))
	speaking := mark(semconv.EventVoiceUserStarted, turn)

	stopped, final := b.stt(ctx, turn, id, index)
	committed := mark(semconv.EventVoiceTurnCommitted, turn)
	requested, token := b.llm(ctx, turn, id, index)
	working := b.tool(ctx, id, index)
	asked, first, started := b.tts(ctx, turn, id, index)
	silent := mark(semconv.EventVoiceAgentStopped, turn)

	response := started.Sub(stopped).Seconds()
	transcription, endpointing, dispatch := final.Sub(stopped).Seconds(), committed.Sub(final).Seconds(), requested.Sub(committed).Seconds()
	generation, aggregation := token.Sub(requested).Seconds(), asked.Sub(token).Seconds()
	synthesis, playout := first.Sub(asked).Seconds(), started.Sub(first).Seconds()
	b.turns.Add(ctx, 1, b.with.turn())
	b.response.Record(ctx, response, b.with.response())
	b.segment.Record(ctx, transcription, b.with.transcription())
	b.segment.Record(ctx, endpointing, b.with.endpointing())
	b.segment.Record(ctx, dispatch, b.with.dispatch())
	b.segment.Record(ctx, generation, b.with.generation())
	b.segment.Record(ctx, aggregation, b.with.aggregation())
	b.segment.Record(ctx, synthesis, b.with.synthesis())
	b.segment.Record(ctx, playout, b.with.playout())
	if turn.IsRecording() {
		turn.SetAttributes(
			semconv.VoiceTurnOutcome(semconv.VoiceTurnOutcomeCompleted), semconv.VoiceTurnResponseLatency(response),
			semconv.VoiceTurnSegmentTranscription(transcription), semconv.VoiceTurnSegmentEndpointing(endpointing),
			semconv.VoiceTurnSegmentDispatch(dispatch), semconv.VoiceTurnSegmentGeneration(generation),
			semconv.VoiceTurnSegmentAggregation(aggregation), semconv.VoiceTurnSegmentSynthesis(synthesis),
			semconv.VoiceTurnSegmentPlayout(playout), semconv.VoiceTurnAnchor(semconv.VoiceTurnAnchorVAD),
			semconv.VoiceTurnToolTime(working.Seconds()),
			semconv.VoiceTalkUserDuration(stopped.Sub(speaking).Seconds()), semconv.VoiceTalkAgentDuration(silent.Sub(started).Seconds()),
			semconv.GenAIAgentInvocationEndReason(semconv.GenAIAgentInvocationEndReasonCompleted))
	}
	turn.End()
}

func (b *byHand) stt(ctx context.Context, turn trace.Span, id string, index int) (stopped, final time.Time) {
	start := time.Now()
	ctx, stt := b.tracer.Start(ctx, semconv.SpanSpeechToText(sttModel), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		append(identity(semconv.GenAIOperationNameSpeechToText, id, index), semconv.GenAIProviderName(sttProvider), semconv.GenAIRequestModel(sttModel))...))
	if turn.IsRecording() {
		turn.AddEvent(semconv.EventVoiceUserStopped, trace.WithAttributes(semconv.VoiceTurnAnchor(semconv.VoiceTurnAnchorVAD)))
	}
	stopped = time.Now()
	final = mark(semconv.EventVoiceTranscriptFinal, stt, turn)

	took, latency := time.Since(start).Seconds(), final.Sub(stopped).Seconds()
	b.stage.Record(ctx, took, b.with.sttStage())
	b.sttConfidence.Record(ctx, confidence, b.with.stt())
	b.sttAudio.Add(ctx, heard.Seconds(), b.with.stt())
	b.sttFinal.Record(ctx, latency, b.with.stt())
	if stt.IsRecording() {
		stt.SetAttributes(
			semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeCompleted), semconv.VoiceAudioCodec(codec), semconv.VoiceAudioSampleRate(sttRate),
			semconv.VoiceAudioChannels(1), semconv.VoiceSTTPartialCount(1), semconv.GenAISpeechInputLanguage(speech),
			semconv.VoiceSTTConfidence(confidence), semconv.VoiceSTTAudioDuration(heard.Seconds()),
			semconv.VoiceSTTFinalLatency(latency), semconv.VoiceProviderRequestIDs(sttRequest))
	}
	stt.End()
	return stopped, final
}

func (b *byHand) llm(ctx context.Context, turn trace.Span, id string, index int) (requested, token time.Time) {
	ctx, llm := b.tracer.Start(ctx, semconv.SpanChat(model), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		append(identity(semconv.GenAIOperationNameChat, id, index), semconv.GenAIProviderName(provider), semconv.GenAIRequestModel(model))...))
	requested = mark(semconv.EventVoiceLLMRequested, turn)
	chunk := mark(semconv.EventVoiceLLMFirstChunk, llm)
	token = mark(semconv.EventVoiceLLMFirstToken, llm, turn)

	took, toChunk, toToken := time.Since(requested).Seconds(), chunk.Sub(requested).Seconds(), token.Sub(requested).Seconds()
	b.stage.Record(ctx, took, b.with.llmStage())
	b.inference.Record(ctx, took, b.with.llm())
	b.firstChunk.Record(ctx, toChunk, b.with.llm())
	b.firstToken.Record(ctx, toToken, b.with.token())
	b.input.Add(ctx, input, b.with.tokens())
	b.output.Add(ctx, output, b.with.tokens())
	if llm.IsRecording() {
		llm.SetAttributes(
			semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeCompleted), semconv.GenAIResponseTimeToFirstChunk(toChunk),
			semconv.VoiceLLMTimeToFirstToken(toToken), semconv.GenAIRequestStream(true), semconv.VoiceLLMChunkCount(1+tokens),
			semconv.GenAIUsageInputTokens(input), semconv.GenAIUsageOutputTokens(output), semconv.VoiceProviderRequestIDs(llmRequest),
			semconv.GenAIResponseID(chatID), semconv.GenAIResponseModel(responseModel), semconv.GenAIResponseFinishReasons(finish))
	}
	llm.End()
	return requested, token
}

func (b *byHand) tool(ctx context.Context, id string, index int) time.Duration {
	start := time.Now()
	ctx, booking := b.tracer.Start(ctx, semconv.SpanExecuteTool(tool), trace.WithAttributes(
		append(identity(semconv.GenAIOperationNameExecuteTool, id, index), semconv.GenAIToolName(tool), semconv.GenAIToolType(semconv.GenAIToolTypeFunction))...))
	took := time.Since(start)
	b.stage.Record(ctx, took.Seconds(), b.with.toolStage())
	if booking.IsRecording() {
		booking.SetAttributes(semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeCompleted), semconv.GenAIToolCallID(toolCall))
	}
	booking.End()
	return took
}

func (b *byHand) tts(ctx context.Context, turn trace.Span, id string, index int) (asked, first, started time.Time) {
	ctx, tts := b.tracer.Start(ctx, semconv.SpanTextToSpeech(ttsModel), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		append(identity(semconv.GenAIOperationNameTextToSpeech, id, index), semconv.GenAIProviderName(ttsProvider), semconv.GenAIRequestModel(ttsModel),
			semconv.GenAIOutputType(semconv.GenAIOutputTypeSpeech))...))
	asked = mark(semconv.EventVoiceTTSRequested, turn)
	first = mark(semconv.EventVoiceTTSFirstByte, tts, turn)
	started = mark(semconv.EventVoiceAgentStarted, turn)

	characters := utf8.RuneCountInString(reply)
	took, toByte := time.Since(asked).Seconds(), first.Sub(asked).Seconds()
	factor := took / spoken.Seconds()
	b.stage.Record(ctx, took, b.with.ttsStage())
	b.ttsCharacters.Add(ctx, int64(characters), b.with.tts())
	b.ttsByte.Record(ctx, toByte, b.with.tts())
	b.ttsAudio.Add(ctx, spoken.Seconds(), b.with.tts())
	b.ttsFactor.Record(ctx, factor, b.with.tts())
	if tts.IsRecording() {
		tts.SetAttributes(
			semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeCompleted), semconv.VoiceAudioCodec(codec), semconv.VoiceAudioSampleRate(ttsRate),
			semconv.VoiceAudioChannels(1), semconv.GenAISpeechVoice(ttsVoice), semconv.VoiceTTSCharacters(characters),
			semconv.VoiceTTSTimeToFirstByte(toByte), semconv.VoiceTTSAudioDuration(spoken.Seconds()), semconv.VoiceTTSRealTimeFactor(factor))
	}
	tts.End()
	return asked, first, started
}

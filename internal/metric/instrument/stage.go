// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/semconv"
)

// Stage is the dimensions of a stage. Empty ones are left out.
type Stage struct {
	Kind                                            StageKind
	Outcome                                         Outcome
	Operation, Provider, Model, Language, ErrorType string
	// IsDetached is true for a stage outside of a session's turns. Only the metrics of the GenAI
	// conventions count it.
	IsDetached bool
}

func (k Stage) clone() Stage {
	return Stage{
		Kind: clone(k.Kind), Outcome: clone(k.Outcome), Operation: strings.Clone(k.Operation), Provider: strings.Clone(k.Provider),
		Model: strings.Clone(k.Model), Language: strings.Clone(k.Language), ErrorType: strings.Clone(k.ErrorType),
		IsDetached: k.IsDetached,
	}
}

func (k Stage) attributes() []attribute.KeyValue {
	return list{}.with(semconv.VoiceStageKey, string(k.Kind)).
		with(semconv.VoiceStageOutcomeKey, string(k.Outcome)).
		with(semconv.GenAIProviderNameKey, k.Provider).
		with(semconv.GenAIRequestModelKey, k.Model).
		with(semconv.ErrorTypeKey, k.ErrorType)
}

func (k Stage) speechAttributes() []attribute.KeyValue {
	return list{}.with(semconv.VoiceStageOutcomeKey, string(k.Outcome)).
		with(semconv.GenAIProviderNameKey, k.Provider).
		with(semconv.GenAIRequestModelKey, k.Model).
		with(semconv.GenAISpeechInputLanguageKey, k.Language)
}

func (k Stage) inferenceAttributes() []attribute.KeyValue {
	return list{}.with(semconv.GenAIOperationNameKey, k.Operation).
		with(semconv.GenAIProviderNameKey, k.Provider).
		with(semconv.GenAIRequestModelKey, k.Model).
		with(semconv.VoiceStageOutcomeKey, string(k.Outcome)).
		with(semconv.ErrorTypeKey, k.ErrorType)
}

// StageMeter records the measurements of stages with the same dimensions.
type StageMeter struct {
	set                      *Set
	stage, speech, inference *options
	audioTokens, otherTokens *options // By gen_ai.token.modality.
}

// Stage returns the meter of stages.
func (s *Set) Stage(key Stage) *StageMeter { return s.byStage.get(key) }

func (s *Set) newStageMeter(key Stage) *StageMeter {
	of := func(modality string) *options {
		return newOptions(s.redactor, append(key.inferenceAttributes(), semconv.GenAITokenModality(modality)))
	}
	set := s
	if key.IsDetached {
		set = s.withoutVoice
	}
	return &StageMeter{
		set: set, stage: newOptions(s.redactor, key.attributes()), speech: newOptions(s.redactor, key.speechAttributes()), inference: newOptions(s.redactor, key.inferenceAttributes()),
		audioTokens: of(semconv.GenAITokenModalityAudio), otherTokens: of(semconv.GenAITokenModalityUnknown),
	}
}

// Ended records how long a stage took, in seconds.
func (m *StageMeter) Ended(ctx context.Context, seconds float64) {
	m.set.stageDuration.Record(ctx, seconds, m.stage.record...)
}

// Resent counts requests that were sent again.
func (m *StageMeter) Resent(ctx context.Context, n int64) {
	m.set.stageResends.Add(ctx, n, m.stage.add...)
}

// STTFinalLatency records the seconds from the end of the user's speech to the final transcript.
func (m *StageMeter) STTFinalLatency(ctx context.Context, seconds float64) {
	m.set.sttFinalLatency.Record(ctx, seconds, m.speech.record...)
}

// STTRealTimeFactor records processing time divided by audio time.
func (m *StageMeter) STTRealTimeFactor(ctx context.Context, factor float64) {
	m.set.sttRealTimeFactor.Record(ctx, factor, m.speech.record...)
}

// STTConfidence records the recogniser's confidence, from 0 to 1.
func (m *StageMeter) STTConfidence(ctx context.Context, confidence float64) {
	m.set.sttConfidence.Record(ctx, confidence, m.speech.record...)
}

// STTAudio counts seconds of recognised audio.
func (m *StageMeter) STTAudio(ctx context.Context, seconds float64) {
	m.set.sttAudio.Add(ctx, seconds, m.speech.add...)
}

// TTSFirstByte records the seconds from request to the first byte of audio.
func (m *StageMeter) TTSFirstByte(ctx context.Context, seconds float64) {
	m.set.ttsFirstByte.Record(ctx, seconds, m.speech.record...)
}

// TTSFirstAudible records the seconds from request to the first audible audio.
func (m *StageMeter) TTSFirstAudible(ctx context.Context, seconds float64) {
	m.set.ttsFirstAudible.Record(ctx, seconds, m.speech.record...)
}

// TTSRealTimeFactor records processing time divided by audio time.
func (m *StageMeter) TTSRealTimeFactor(ctx context.Context, factor float64) {
	m.set.ttsRealTimeFactor.Record(ctx, factor, m.speech.record...)
}

// TTSCharacters counts synthesised characters.
func (m *StageMeter) TTSCharacters(ctx context.Context, n int64) {
	m.set.ttsCharacters.Add(ctx, n, m.speech.add...)
}

// TTSAudio counts seconds of synthesised audio.
func (m *StageMeter) TTSAudio(ctx context.Context, seconds float64) {
	m.set.ttsAudio.Add(ctx, seconds, m.speech.add...)
}

// RealtimeFirstAudio records the seconds from the request to the first byte of the agent's audio.
func (m *StageMeter) RealtimeFirstAudio(ctx context.Context, seconds float64) {
	m.set.realtimeFirstAudio.Record(ctx, seconds, m.speech.record...)
}

// RealtimeInputAudio counts seconds of the user's audio.
func (m *StageMeter) RealtimeInputAudio(ctx context.Context, seconds float64) {
	m.set.realtimeInputAudio.Add(ctx, seconds, m.speech.add...)
}

// RealtimeOutputAudio counts seconds of the agent's audio.
func (m *StageMeter) RealtimeOutputAudio(ctx context.Context, seconds float64) {
	m.set.realtimeOutputAudio.Add(ctx, seconds, m.speech.add...)
}

// InferenceEnded records how long an inference took, in seconds.
func (m *StageMeter) InferenceEnded(ctx context.Context, seconds float64) {
	m.set.inferenceDuration.Record(ctx, seconds, m.inference.record...)
}

// InferenceFirstChunk records the seconds from request to first chunk.
func (m *StageMeter) InferenceFirstChunk(ctx context.Context, seconds float64) {
	m.set.inferenceFirstChunk.Record(ctx, seconds, m.inference.record...)
}

// FirstToken records the seconds from request to the first token of the answer.
func (m *StageMeter) FirstToken(ctx context.Context, seconds float64) {
	m.set.llmFirstToken.Record(ctx, seconds, m.speech.record...)
}

// Tokens holds the tokens of a request. Cached, reasoning and audio tokens are included in the
// input and output tokens.
type Tokens struct {
	InputTokens               int
	OutputTokens              int
	CacheReadInputTokens      int
	CacheWriteInputTokens     int
	ReasoningOutputTokens     int
	AudioInputTokens          int
	AudioOutputTokens         int
	AudioCacheReadInputTokens int
}

// Tokens counts tokens. Counts of 0 or less are ignored.
func (m *StageMeter) Tokens(ctx context.Context, t Tokens) {
	m.count(ctx, m.set.inputTokens, t.InputTokens, t.AudioInputTokens)
	m.count(ctx, m.set.outputTokens, t.OutputTokens, t.AudioOutputTokens)
	m.count(ctx, m.set.cacheReadTokens, t.CacheReadInputTokens, t.AudioCacheReadInputTokens)
	m.count(ctx, m.set.cacheWriteTokens, t.CacheWriteInputTokens, 0)
	m.count(ctx, m.set.reasoningTokens, t.ReasoningOutputTokens, 0)
}

// count splits tokens by modality.
func (m *StageMeter) count(ctx context.Context, counter metric.Int64Counter, all, audio int) {
	audio = min(audio, all)
	if audio > 0 {
		counter.Add(ctx, int64(audio), m.audioTokens.add...)
	}
	if rest := all - max(audio, 0); rest > 0 {
		counter.Add(ctx, int64(rest), m.otherTokens.add...)
	}
}

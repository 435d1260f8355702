// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"context"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// Stage is the dimensions of a stage. Empty ones are left out.
type Stage struct {
	Name, Operation, Outcome, Provider, Model, Language, ErrorType string
}

func (k Stage) attributes() []attribute.KeyValue {
	return list{}.with(semconv.VoiceStageKey, k.Name).
		with(semconv.VoiceStageOutcomeKey, k.Outcome).
		with(semconv.GenAIProviderNameKey, k.Provider).
		with(semconv.GenAIRequestModelKey, k.Model).
		with(semconv.ErrorTypeKey, k.ErrorType)
}

func (k Stage) speechAttributes() []attribute.KeyValue {
	return list{}.with(semconv.VoiceStageOutcomeKey, k.Outcome).
		with(semconv.GenAIProviderNameKey, k.Provider).
		with(semconv.GenAIRequestModelKey, k.Model).
		with(semconv.GenAISpeechInputLanguageKey, k.Language)
}

func (k Stage) inferenceAttributes() []attribute.KeyValue {
	return list{}.with(semconv.GenAIOperationNameKey, k.Operation).
		with(semconv.GenAIProviderNameKey, k.Provider).
		with(semconv.GenAIRequestModelKey, k.Model).
		with(semconv.VoiceStageOutcomeKey, k.Outcome).
		with(semconv.ErrorTypeKey, k.ErrorType)
}

// StageEnded records how long a stage took, in seconds.
func (s *Set) StageEnded(ctx context.Context, key Stage, seconds float64) {
	key.Operation, key.Language = "", ""
	s.stageDuration.Record(ctx, seconds, s.byStage.get(key).record...)
}

// STTFinalLatency records the seconds from the user's silence to the final
// transcript.
func (s *Set) STTFinalLatency(ctx context.Context, key Stage, seconds float64) {
	s.sttFinalLatency.Record(ctx, seconds, s.bySpeech.get(key.speech()).record...)
}

// STTRealTimeFactor records processing time divided by audio time.
func (s *Set) STTRealTimeFactor(ctx context.Context, key Stage, factor float64) {
	s.sttRealTimeFactor.Record(ctx, factor, s.bySpeech.get(key.speech()).record...)
}

// STTConfidence records the recogniser's confidence, from 0 to 1.
func (s *Set) STTConfidence(ctx context.Context, key Stage, confidence float64) {
	s.sttConfidence.Record(ctx, confidence, s.bySpeech.get(key.speech()).record...)
}

// STTAudio counts seconds of audio heard.
func (s *Set) STTAudio(ctx context.Context, key Stage, seconds float64) {
	s.sttAudio.Add(ctx, seconds, s.bySpeech.get(key.speech()).add...)
}

// TTSFirstByte records the seconds from request to the first byte of audio.
func (s *Set) TTSFirstByte(ctx context.Context, key Stage, seconds float64) {
	s.ttsFirstByte.Record(ctx, seconds, s.bySpeech.get(key.speech()).record...)
}

// TTSRealTimeFactor records processing time divided by audio time.
func (s *Set) TTSRealTimeFactor(ctx context.Context, key Stage, factor float64) {
	s.ttsRealTimeFactor.Record(ctx, factor, s.bySpeech.get(key.speech()).record...)
}

// TTSCharacters counts characters spoken.
func (s *Set) TTSCharacters(ctx context.Context, key Stage, n int64) {
	s.ttsCharacters.Add(ctx, n, s.bySpeech.get(key.speech()).add...)
}

// TTSAudio counts seconds of audio made.
func (s *Set) TTSAudio(ctx context.Context, key Stage, seconds float64) {
	s.ttsAudio.Add(ctx, seconds, s.bySpeech.get(key.speech()).add...)
}

// InferenceEnded records how long an LLM request took, in seconds.
func (s *Set) InferenceEnded(ctx context.Context, key Stage, seconds float64) {
	s.inferenceDuration.Record(ctx, seconds, s.byInference.get(key.inference()).record...)
}

// InferenceFirstChunk records the seconds from request to first chunk.
func (s *Set) InferenceFirstChunk(ctx context.Context, key Stage, seconds float64) {
	s.inferenceFirstChunk.Record(ctx, seconds, s.byInference.get(key.inference()).record...)
}

// InputTokens counts the tokens an LLM read.
func (s *Set) InputTokens(ctx context.Context, key Stage, n int64) {
	s.inputTokens.Add(ctx, n, s.byInference.get(key.inference()).add...)
}

// OutputTokens counts the tokens an LLM wrote.
func (s *Set) OutputTokens(ctx context.Context, key Stage, n int64) {
	s.outputTokens.Add(ctx, n, s.byInference.get(key.inference()).add...)
}

// speech keeps the dimensions that the speech metrics have, so that stages that
// differ in others share one entry of the cache.
func (k Stage) speech() Stage {
	return Stage{Outcome: k.Outcome, Provider: k.Provider, Model: k.Model, Language: k.Language}
}

func (k Stage) inference() Stage {
	k.Name, k.Language = "", ""
	return k
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// turnMetrics is what a turn that has ended measured, in a form that tests compare. Unknown
// values are nil.
type turnMetrics struct {
	TurnID       string
	Index        int // From 1.
	Outcome      otelvoice.Outcome
	Latency      *otelvoice.Latency
	Interruption *otelvoice.Interruption
	Stages       []stageMetrics
}

// stageMetrics is what a stage measured.
type stageMetrics struct {
	Stage    string // "stt", "llm", "tts" or "tool".
	Model    otelvoice.Model
	Outcome  otelvoice.Outcome
	Err      error
	Attempt  int // From 1; 0 for a tool.
	Fallback int // From 1; 0 is the preferred provider.
	Duration time.Duration

	// Only STT.
	Confidence   *float64
	Partials     *int
	FinalLatency *time.Duration // From the end of speech to the final transcript.
	// STT and TTS.
	AudioBytes     *int
	AudioDuration  *time.Duration
	RealTimeFactor *float64
	// Only LLM.
	TimeToFirstChunk                            *time.Duration
	TimeToFirstToken                            *time.Duration
	Chunks                                      *int
	InputTokens, OutputTokens                   *int
	CacheReadInputTokens, ReasoningOutputTokens *int
	// Only TTS.
	TimeToFirstByte    *time.Duration
	TimeToFirstAudible *time.Duration
	Characters         *int
}

// metricsOf returns what a turn that has ended measured.
func metricsOf(turn *otelvoice.Turn) turnMetrics {
	m := turnMetrics{TurnID: turn.ID(), Index: turn.Index()}
	m.Outcome, _ = turn.Outcome()
	if latency, ok := turn.Latency(); ok {
		m.Latency = &latency
	}
	if interruption, ok := turn.Interruption(); ok {
		m.Interruption = &interruption
	}
	for _, r := range turn.Stages() {
		s := stageMetrics{
			Stage: r.Stage, Model: r.Model, Outcome: r.Outcome, Err: r.Err, Duration: r.Duration(),
			Confidence:            number(r, semconv.VoiceSTTConfidenceKey),
			Partials:              count(r, semconv.VoiceSTTPartialCountKey),
			AudioBytes:            count(r, semconv.VoiceAudioSizeKey),
			Chunks:                count(r, semconv.VoiceLLMChunkCountKey),
			CacheReadInputTokens:  count(r, semconv.GenAIUsageCacheReadInputTokensKey),
			ReasoningOutputTokens: count(r, semconv.GenAIUsageReasoningOutputTokensKey),
			FinalLatency:          seconds(r, semconv.VoiceSTTFinalLatencyKey),
			TimeToFirstChunk:      seconds(r, semconv.GenAIResponseTimeToFirstChunkKey),
			TimeToFirstToken:      seconds(r, semconv.VoiceLLMTimeToFirstTokenKey),
			InputTokens:           count(r, semconv.GenAIUsageInputTokensKey),
			OutputTokens:          count(r, semconv.GenAIUsageOutputTokensKey),
			TimeToFirstByte:       seconds(r, semconv.VoiceTTSTimeToFirstByteKey),
			TimeToFirstAudible:    seconds(r, semconv.VoiceTTSTimeToFirstAudibleKey),
			Characters:            count(r, semconv.VoiceTTSCharactersKey),
		}
		if n := count(r, semconv.VoiceStageAttemptKey); n != nil {
			s.Attempt = *n
		}
		if n := count(r, semconv.VoiceStageFallbackIndexKey); n != nil {
			s.Fallback = *n
		}
		switch r.Stage {
		case semconv.VoiceStageSTT:
			s.AudioDuration, s.RealTimeFactor = seconds(r, semconv.VoiceSTTAudioDurationKey), number(r, semconv.VoiceSTTRealTimeFactorKey)
		case semconv.VoiceStageTTS:
			s.AudioDuration, s.RealTimeFactor = seconds(r, semconv.VoiceTTSAudioDurationKey), number(r, semconv.VoiceTTSRealTimeFactorKey)
		}
		m.Stages = append(m.Stages, s)
	}
	return m
}

func number(r otelvoice.StageRecord, key attribute.Key) *float64 {
	if v, ok := r.Float(key); ok {
		return &v
	}
	return nil
}

func seconds(r otelvoice.StageRecord, key attribute.Key) *time.Duration {
	v, ok := r.Float(key)
	if !ok {
		return nil
	}
	return new(time.Duration(math.Round(v * float64(time.Second))))
}

func count(r otelvoice.StageRecord, key attribute.Key) *int {
	v, ok := r.Float(key)
	if !ok {
		return nil
	}
	return new(int(v))
}

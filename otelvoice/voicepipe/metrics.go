// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// TurnMetrics is what was measured in a turn: the very numbers that its spans have.
// What is unknown is nil.
type TurnMetrics struct {
	TurnID  string
	Index   int // From 1.
	Outcome otelvoice.Outcome
	// Latency is how long the user waited for the agent's voice, and where that time
	// went. It is nil where nobody waited, or nobody was heard.
	Latency *otelvoice.Latency
	// Interruption is what cut the turn short, if anything did.
	Interruption *otelvoice.Interruption
	// Stages are the calls of providers and tools, in the order in which they ended,
	// failed attempts included.
	Stages []StageMetrics
}

// StageMetrics is what was measured in one call of a provider or a tool.
type StageMetrics struct {
	Stage    string // "stt", "llm", "tts" or "tool".
	Model    otelvoice.Model
	Outcome  otelvoice.Outcome
	Err      error
	Attempt  int // From 1; 0 for a tool.
	Fallback int // From 1; 0 is the preferred provider.
	Duration time.Duration

	// Of STT.
	Confidence   *float64
	Partials     *int
	FinalLatency *time.Duration // From the end of speech to the final transcript.
	// Of STT and TTS.
	AudioBytes     *int
	AudioDuration  *time.Duration
	RealTimeFactor *float64
	// Of LLM.
	TimeToFirstChunk          *time.Duration
	TimeToFirstToken          *time.Duration
	Chunks                    *int
	InputTokens, OutputTokens *int
	// Of these, cached and of reasoning.
	CacheReadInputTokens, ReasoningOutputTokens *int
	// Of TTS.
	TimeToFirstByte    *time.Duration
	TimeToFirstAudible *time.Duration
	Characters         *int
}

// metricsOf returns what was measured in a turn that has ended.
func metricsOf(turn *otelvoice.Turn) TurnMetrics {
	m := TurnMetrics{TurnID: turn.ID(), Index: turn.Index()}
	m.Outcome, _ = turn.Outcome()
	if latency, ok := turn.Latency(); ok {
		m.Latency = &latency
	}
	if interruption, ok := turn.Interruption(); ok {
		m.Interruption = &interruption
	}
	for _, r := range turn.Stages() {
		s := StageMetrics{
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
		case stageSTT:
			s.AudioDuration, s.RealTimeFactor = seconds(r, semconv.VoiceSTTAudioDurationKey), number(r, semconv.VoiceSTTRealTimeFactorKey)
		case stageTTS:
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

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"math"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/stagerecord"
	"github.com/voice-agents/telemetry/semconv"
)

// StageMetrics holds the measurements of a stage that has ended, which may be a failed attempt.
// They have the same values as the attributes of the stage's span. An unknown measurement is nil.
type StageMetrics struct {
	Stage StageKind
	// Model is the model of a stage that is not a tool. For a tool, Model.Name is the tool's name.
	Model      Model
	Start, End time.Time
	Duration   time.Duration // From Start to End.
	Outcome    Outcome
	// Err is the error of a failed stage.
	Err error
	// Attempt counts from 1. It is 0 for a tool and for a stage outside of package voicepipe.
	Attempt int
	// Fallback is the fallback provider, from 1. It is 0 for the preferred provider.
	Fallback int

	// Of STT.
	Confidence   *float64
	Partials     *int
	FinalLatency *time.Duration // From the end of speech to the final transcript.
	// Of STT, TTS and realtime, where they are those of the agent's audio.
	AudioBytes     *int
	AudioDuration  *time.Duration
	RealTimeFactor *float64
	// Of LLM.
	TimeToFirstChunk *time.Duration
	TimeToFirstToken *time.Duration
	Chunks           *int
	// Of LLM and realtime.
	InputTokens, OutputTokens *int
	// Parts of the input and the output tokens.
	CacheReadInputTokens, ReasoningOutputTokens *int
	// Of TTS.
	TimeToFirstByte    *time.Duration
	TimeToFirstAudible *time.Duration
	Characters         *int
	// Of realtime.
	TimeToFirstAudio   *time.Duration
	InputAudioDuration *time.Duration // Of the user's audio.
	AudioInputTokens   *int           // A part of InputTokens.
	AudioOutputTokens  *int           // A part of OutputTokens.

	// Attributes are the attributes of the stage's span at its end, updated with the usage and
	// the response that were set within a minute after the end.
	Attributes []attribute.KeyValue
}

// A StageKind is a kind of stage.
type StageKind string

// The kinds of stages.
const (
	StageSTT  StageKind = semconv.VoiceStageSTT
	StageLLM  StageKind = semconv.VoiceStageLLM
	StageTTS  StageKind = semconv.VoiceStageTTS
	StageTool StageKind = semconv.VoiceStageTool
	// StageRealtime is a response of a speech-to-speech model.
	StageRealtime StageKind = semconv.VoiceStageRealtime
)

// Float returns a numeric attribute, and whether the stage has it.
func (m StageMetrics) Float(key attribute.Key) (float64, bool) {
	for _, kv := range m.Attributes {
		if kv.Key != key {
			continue
		}
		switch kv.Value.Type() {
		case attribute.FLOAT64:
			return kv.Value.AsFloat64(), true
		case attribute.INT64:
			return float64(kv.Value.AsInt64()), true
		}
	}
	return 0, false
}

func (m StageMetrics) number(key attribute.Key) *float64 {
	if v, ok := m.Float(key); ok {
		return &v
	}
	return nil
}

func (m StageMetrics) seconds(key attribute.Key) *time.Duration {
	v, ok := m.Float(key)
	if !ok {
		return nil
	}
	return new(time.Duration(math.Round(v * float64(time.Second))))
}

func (m StageMetrics) count(key attribute.Key) *int {
	v, ok := m.Float(key)
	if !ok {
		return nil
	}
	return new(int(v))
}

// Stages returns the newest 64 stages of the turn that have ended, in the order in which they
// ended. It may be called before and after [Turn.End].
func (t *Turn) Stages() []StageMetrics {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	ended := slices.Clone(t.work.ended)
	t.mu.Unlock()
	stages := make([]StageMetrics, len(ended))
	for i, r := range ended {
		stages[i] = r.metrics()
	}
	return stages
}

// Outcome returns how the turn ended, and whether it has ended.
func (t *Turn) Outcome() (Outcome, bool) {
	if t == nil {
		return "", false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.decided, t.decided != ""
}

// endedStage is a stage that has ended, with the attributes of its span.
type endedStage struct {
	stage *stage
	end   stagerecord.End
	attrs []attribute.KeyValue // Shared with callers of Stages, so it is replaced and never changed.
}

// metrics returns the measurements of the stage.
func (e endedStage) metrics() StageMetrics {
	s := e.stage
	m := StageMetrics{
		Stage: StageKind(s.Kind), Model: Model(s.Model), Start: s.Start, End: e.end.At, Duration: e.end.At.Sub(s.Start),
		Outcome: Outcome(e.end.Outcome), Err: e.end.Err, Attributes: e.attrs,
	}
	if n := m.count(semconv.VoiceStageAttemptKey); n != nil {
		m.Attempt = *n
	}
	if n := m.count(semconv.VoiceStageFallbackIndexKey); n != nil {
		m.Fallback = *n
	}
	m.AudioBytes = m.count(semconv.VoiceAudioSizeKey)
	switch m.Stage {
	case StageSTT:
		m.Confidence = m.number(semconv.VoiceSTTConfidenceKey)
		m.Partials = m.count(semconv.VoiceSTTPartialCountKey)
		m.FinalLatency = m.seconds(semconv.VoiceSTTFinalLatencyKey)
		m.AudioDuration = m.seconds(semconv.VoiceSTTAudioDurationKey)
		m.RealTimeFactor = m.number(semconv.VoiceSTTRealTimeFactorKey)
	case StageLLM:
		m.TimeToFirstChunk = m.seconds(semconv.GenAIResponseTimeToFirstChunkKey)
		m.TimeToFirstToken = m.seconds(semconv.VoiceLLMTimeToFirstTokenKey)
		m.Chunks = m.count(semconv.VoiceLLMChunkCountKey)
		m.tokens()
	case StageTTS:
		m.TimeToFirstByte = m.seconds(semconv.VoiceTTSTimeToFirstByteKey)
		m.TimeToFirstAudible = m.seconds(semconv.VoiceTTSTimeToFirstAudibleKey)
		m.Characters = m.count(semconv.VoiceTTSCharactersKey)
		m.AudioDuration = m.seconds(semconv.VoiceTTSAudioDurationKey)
		m.RealTimeFactor = m.number(semconv.VoiceTTSRealTimeFactorKey)
	case StageRealtime:
		m.TimeToFirstAudio = m.seconds(semconv.VoiceRealtimeTimeToFirstAudioKey)
		m.InputAudioDuration = m.seconds(semconv.VoiceRealtimeInputAudioDurationKey)
		m.AudioDuration = m.seconds(semconv.VoiceRealtimeOutputAudioDurationKey)
		m.AudioInputTokens = m.count(semconv.GenAIUsageAudioInputTokensKey)
		m.AudioOutputTokens = m.count(semconv.GenAIUsageAudioOutputTokensKey)
		m.tokens()
	case StageTool:
		m.Model.Name = s.Tool
	}
	return m
}

func (m *StageMetrics) tokens() {
	m.InputTokens = m.count(semconv.GenAIUsageInputTokensKey)
	m.OutputTokens = m.count(semconv.GenAIUsageOutputTokensKey)
	m.CacheReadInputTokens = m.count(semconv.GenAIUsageCacheReadInputTokensKey)
	m.ReasoningOutputTokens = m.count(semconv.GenAIUsageReasoningOutputTokensKey)
}

// amend updates the attributes of an ended stage with newer ones.
func (t *Turn) amend(s *stage, attrs []attribute.KeyValue) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.work.ended {
		e := &t.work.ended[i]
		if e.stage != s {
			continue
		}
		kept := slices.DeleteFunc(slices.Clone(e.attrs), func(kv attribute.KeyValue) bool {
			return slices.ContainsFunc(attrs, func(newer attribute.KeyValue) bool { return newer.Key == kv.Key })
		})
		e.attrs = emit.AppendBounded(kept, attrs)
	}
}

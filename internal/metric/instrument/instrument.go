// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package instrument holds the toolkit's metric instruments and records measurements. Each method
// takes the dimensions as a comparable struct, so that attribute sets are built once and not for
// each measurement.
package instrument

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/semconv"
)

// Set holds the toolkit's instruments. It is safe for concurrent use.
type Set struct {
	meter    metric.Meter
	redactor *redaction.Engine

	sessionDuration   metric.Float64Histogram
	sessionActive     metric.Int64UpDownCounter
	sessionFirstAudio metric.Float64Histogram

	responseLatency metric.Float64Histogram
	segmentLatency  metric.Float64Histogram
	turns           metric.Int64Counter
	overBudget      metric.Int64Counter
	interruptions   metric.Int64Counter

	stageDuration metric.Float64Histogram
	stageResends  metric.Int64Counter

	sttFinalLatency   metric.Float64Histogram
	sttRealTimeFactor metric.Float64Histogram
	sttConfidence     metric.Float64Histogram
	sttAudio          metric.Float64Counter

	ttsFirstByte      metric.Float64Histogram
	ttsFirstAudible   metric.Float64Histogram
	ttsRealTimeFactor metric.Float64Histogram
	ttsCharacters     metric.Int64Counter
	ttsAudio          metric.Float64Counter

	realtimeFirstAudio  metric.Float64Histogram
	realtimeInputAudio  metric.Float64Counter
	realtimeOutputAudio metric.Float64Counter

	inferenceDuration   metric.Float64Histogram
	inferenceFirstChunk metric.Float64Histogram
	llmFirstToken       metric.Float64Histogram
	inputTokens         metric.Int64Counter
	outputTokens        metric.Int64Counter
	cacheReadTokens     metric.Int64Counter
	cacheWriteTokens    metric.Int64Counter
	reasoningTokens     metric.Int64Counter

	streams *streams
	calls   *calls
	talks   *talks

	underruns        metric.Int64Counter
	underrunDuration metric.Float64Histogram

	packets, packetsLate metric.Int64Counter
	packetsLost          metric.Int64UpDownCounter
	jitter, gaps         metric.Float64Histogram

	cost              metric.Float64Counter
	operationDuration metric.Float64Histogram
	dropped           metric.Int64Counter

	withoutVoice *Set // The same, for stages that only the GenAI conventions count.

	bySession   *cache[Session, options]
	byTurn      *cache[Turn, TurnMeter]
	byBudget    *cache[budget, options]
	bySource    *cache[source, options]
	byStage     *cache[Stage, StageMeter]
	byCost      *cache[Cost, options]
	byOperation *cache[Operation, options]
	byDrop      *cache[drop, options]
}

// New creates the instruments. Their attributes are redacted once for each combination of
// dimensions; a nil redactor redacts nothing. If the provider refuses an instrument, recording
// with it does nothing and the error names it. The Set is usable even then.
func New(provider metric.MeterProvider, r *redaction.Engine, scope, version string) (*Set, error) {
	m := maker{meter: provider.Meter(scope,
		metric.WithInstrumentationVersion(version),
		metric.WithSchemaURL(semconv.SchemaURL))}
	s := &Set{
		meter:               m.meter,
		redactor:            r,
		sessionDuration:     m.histogram(semconv.MetricVoiceSessionDuration()),
		sessionActive:       m.upDown(semconv.MetricVoiceSessionActive()),
		sessionFirstAudio:   m.histogram(semconv.MetricVoiceSessionTimeToFirstAudio()),
		responseLatency:     m.histogram(semconv.MetricVoiceTurnResponseLatency()),
		segmentLatency:      m.histogram(semconv.MetricVoiceTurnSegmentLatency()),
		turns:               m.counter(semconv.MetricVoiceTurnCount()),
		overBudget:          m.counter(semconv.MetricVoiceTurnOverBudgetCount()),
		interruptions:       m.counter(semconv.MetricVoiceInterruptionCount()),
		stageDuration:       m.histogram(semconv.MetricVoiceStageDuration()),
		stageResends:        m.counter(semconv.MetricVoiceStageResendCount()),
		sttFinalLatency:     m.histogram(semconv.MetricVoiceSTTFinalLatency()),
		sttRealTimeFactor:   m.histogram(semconv.MetricVoiceSTTRealTimeFactor()),
		sttConfidence:       m.histogram(semconv.MetricVoiceSTTConfidence()),
		sttAudio:            m.floatCounter(semconv.MetricVoiceSTTAudioDuration()),
		ttsFirstByte:        m.histogram(semconv.MetricVoiceTTSTimeToFirstByte()),
		ttsFirstAudible:     m.histogram(semconv.MetricVoiceTTSTimeToFirstAudible()),
		ttsRealTimeFactor:   m.histogram(semconv.MetricVoiceTTSRealTimeFactor()),
		ttsCharacters:       m.counter(semconv.MetricVoiceTTSCharacters()),
		ttsAudio:            m.floatCounter(semconv.MetricVoiceTTSAudioDuration()),
		realtimeFirstAudio:  m.histogram(semconv.MetricVoiceRealtimeTimeToFirstAudio()),
		realtimeInputAudio:  m.floatCounter(semconv.MetricVoiceRealtimeInputAudioDuration()),
		realtimeOutputAudio: m.floatCounter(semconv.MetricVoiceRealtimeOutputAudioDuration()),
		inferenceDuration:   m.histogram(semconv.MetricGenAIClientInferenceDuration()),
		inferenceFirstChunk: m.histogram(semconv.MetricGenAIClientInferenceTimeToFirstChunk()),
		llmFirstToken:       m.histogram(semconv.MetricVoiceLLMTimeToFirstToken()),
		inputTokens:         m.counter(semconv.MetricGenAIClientInferenceUsageInputTokens()),
		outputTokens:        m.counter(semconv.MetricGenAIClientInferenceUsageOutputTokens()),
		cacheReadTokens:     m.counter(semconv.MetricGenAIClientInferenceUsageCacheReadInputTokens()),
		cacheWriteTokens:    m.counter(semconv.MetricGenAIClientInferenceUsageCacheWriteInputTokens()),
		reasoningTokens:     m.counter(semconv.MetricGenAIClientInferenceUsageReasoningOutputTokens()),
		streams:             newStreams(&m, r),
		calls:               newCalls(&m, r),
		talks:               newTalks(&m, r),
		underruns:           m.counter(semconv.MetricVoicePlayoutUnderrunCount()),
		underrunDuration:    m.histogram(semconv.MetricVoicePlayoutUnderrunDuration()),
		packets:             m.counter(semconv.MetricVoiceMediaPacketCount()),
		packetsLate:         m.counter(semconv.MetricVoiceMediaPacketOutOfOrder()),
		packetsLost:         m.upDown(semconv.MetricVoiceMediaPacketLost()),
		jitter:              m.histogram(semconv.MetricVoiceMediaJitter()),
		gaps:                m.histogram(semconv.MetricVoiceMediaGapDuration()),
		cost:                m.floatCounter(semconv.MetricVoiceCost()),
		operationDuration:   m.histogram(semconv.MetricVoiceOperationDuration()),
		dropped:             m.counter(semconv.MetricVoiceMeasurementsDropped()),

		bySession:   optionsOf(r, Session.attributes),
		byBudget:    optionsOf(r, budget.attributes),
		bySource:    optionsOf(r, source.attributes),
		byCost:      optionsOf(r, Cost.attributes),
		byOperation: optionsOf(r, Operation.attributes),
		byDrop:      optionsOf(r, drop.attributes),
	}
	s.withoutVoice = withoutVoice(*s)
	s.byTurn, s.byStage = newCache(s.newTurnMeter), newCache(s.newStageMeter)
	return s, errors.Join(m.errs...)
}

// withoutVoice returns a set whose instruments of voice stages record nothing.
func withoutVoice(s Set) *Set {
	var histogram metric.Float64Histogram = noop.Float64Histogram{}
	s.stageDuration, s.stageResends = histogram, noop.Int64Counter{}
	s.sttFinalLatency, s.sttRealTimeFactor, s.sttConfidence, s.sttAudio = histogram, histogram, histogram, noop.Float64Counter{}
	s.ttsFirstByte, s.ttsFirstAudible, s.ttsRealTimeFactor = histogram, histogram, histogram
	s.ttsCharacters, s.ttsAudio = noop.Int64Counter{}, noop.Float64Counter{}
	s.realtimeFirstAudio, s.realtimeInputAudio, s.realtimeOutputAudio = histogram, noop.Float64Counter{}, noop.Float64Counter{}
	s.llmFirstToken = histogram
	return &s
}

// maker makes instruments and collects the errors. The API returns a usable
// no-op instrument along with an error.
type maker struct {
	meter metric.Meter
	errs  []error
}

func (m *maker) check(name string, err error) {
	if err != nil {
		m.errs = append(m.errs, fmt.Errorf("make instrument %s: %w", name, err))
	}
}

func (m *maker) histogram(def semconv.Metric) metric.Float64Histogram {
	h, err := m.meter.Float64Histogram(def.Name, metric.WithUnit(def.Unit),
		metric.WithDescription(def.Description), metric.WithExplicitBucketBoundaries(def.Buckets...))
	m.check(def.Name, err)
	return h
}

func (m *maker) counter(def semconv.Metric) metric.Int64Counter {
	c, err := m.meter.Int64Counter(def.Name, metric.WithUnit(def.Unit), metric.WithDescription(def.Description))
	m.check(def.Name, err)
	return c
}

func (m *maker) floatCounter(def semconv.Metric) metric.Float64Counter {
	c, err := m.meter.Float64Counter(def.Name, metric.WithUnit(def.Unit), metric.WithDescription(def.Description))
	m.check(def.Name, err)
	return c
}

func (m *maker) upDown(def semconv.Metric) metric.Int64UpDownCounter {
	c, err := m.meter.Int64UpDownCounter(def.Name, metric.WithUnit(def.Unit), metric.WithDescription(def.Description))
	m.check(def.Name, err)
	return c
}

// ObservePanics reports, whenever metrics are read, how many panics were recovered so far, if any
// were. Several sets of a program may report theirs: the SDK ignores the callback that an
// instrument is made with if it has the instrument already, so the callback is registered.
func (s *Set) ObservePanics(panics func() uint64) error {
	def := semconv.MetricVoiceTelemetryPanics()
	counter, err := s.meter.Int64ObservableCounter(def.Name, metric.WithUnit(def.Unit), metric.WithDescription(def.Description))
	if err == nil {
		_, err = s.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
			if n := panics(); n > 0 {
				o.ObserveInt64(counter, int64(n))
			}
			return nil
		}, counter)
	}
	if err != nil {
		return fmt.Errorf("make instrument %s: %w", def.Name, err)
	}
	return nil
}

// Dropped counts a measurement that made no sense.
func (s *Set) Dropped(ctx context.Context, measurement, reason string) {
	s.dropped.Add(ctx, 1, s.byDrop.get(drop{measurement, reason}).add...)
}

type drop struct{ measurement, reason string }

func (d drop) clone() drop {
	return drop{strings.Clone(d.measurement), strings.Clone(d.reason)}
}

func (d drop) attributes() []attribute.KeyValue {
	return list{}.with(semconv.VoiceMeasurementKey, d.measurement).with(semconv.VoiceDropReasonKey, d.reason)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"math"
	"strconv"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// A refMetric is a metric that adds up attributes.
type refMetric struct {
	name string
	of   attribute.Value // A dimension, to count a part. The zero Value is all.
	keys []attribute.Key
}

// Those of sessions, and those of turns.
var refMetrics = [2][]refMetric{
	{
		{name: semconv.MetricVoiceTalkDuration().Name, of: attribute.StringValue(semconv.VoiceTalkSideUser), keys: []attribute.Key{semconv.VoiceTalkUserDurationKey}},
		{name: semconv.MetricVoiceTalkDuration().Name, of: attribute.StringValue(semconv.VoiceTalkSideAgent), keys: []attribute.Key{semconv.VoiceTalkAgentDurationKey}},
		{name: semconv.MetricVoiceTalkLongest().Name, keys: []attribute.Key{semconv.VoiceTalkUserLongestKey, semconv.VoiceTalkAgentLongestKey}},
		{name: semconv.MetricVoiceTalkAgentRatio().Name, keys: []attribute.Key{semconv.VoiceTalkAgentRatioKey}},
		{name: semconv.MetricVoiceOverlapDuration().Name, keys: []attribute.Key{semconv.VoiceOverlapDurationKey}},
		{name: semconv.MetricVoiceSilenceDuration().Name, keys: []attribute.Key{semconv.VoiceSilenceDurationKey}},
		{name: semconv.MetricVoiceDeadAirCount().Name, keys: []attribute.Key{semconv.VoiceDeadAirCountKey}},
		{name: semconv.MetricVoiceDeadAirDuration().Name, keys: []attribute.Key{semconv.VoiceDeadAirDurationKey}},
		{name: semconv.MetricVoiceDeadAirLongest().Name, keys: []attribute.Key{semconv.VoiceDeadAirLongestKey}},
		{name: semconv.MetricVoiceAgentInterruptionCount().Name, keys: []attribute.Key{semconv.VoiceAgentInterruptionCountKey}},
		{name: semconv.MetricVoiceBackchannelCount().Name, keys: []attribute.Key{semconv.VoiceBackchannelCountKey}},
		{name: semconv.MetricVoiceFalseInterruptionCount().Name, keys: []attribute.Key{semconv.VoiceFalseInterruptionCountKey}},
		{name: semconv.MetricVoiceInterruptionCount().Name, keys: []attribute.Key{semconv.VoiceSessionInterruptionCountKey}},
		{
			name: semconv.MetricVoiceInterruptionRecoveryCount().Name, of: attribute.StringValue(semconv.VoiceInterruptionRecoveryResumed),
			keys: []attribute.Key{semconv.VoiceInterruptionResumedCountKey},
		},
		{
			name: semconv.MetricVoiceInterruptionRecoveryCount().Name, of: attribute.StringValue(semconv.VoiceInterruptionRecoveryRestarted),
			keys: []attribute.Key{semconv.VoiceInterruptionRestartedCountKey},
		},
		{name: semconv.MetricVoiceTurnCount().Name, keys: []attribute.Key{semconv.VoiceSessionTurnCountKey}},
	},
	{
		{name: semconv.MetricVoiceInterruptionStopTime().Name, keys: []attribute.Key{semconv.VoiceInterruptionStopTimeKey}},
		{name: semconv.MetricVoiceInterruptionOverlap().Name, keys: []attribute.Key{semconv.VoiceInterruptionOverlapKey}},
		{name: semconv.MetricVoiceAgentInterruptionOverlap().Name, keys: []attribute.Key{semconv.VoiceAgentInterruptionOverlapKey}},
		{name: semconv.MetricVoiceTurnResponseLatency().Name, keys: []attribute.Key{semconv.VoiceTurnResponseLatencyKey}},
		{
			name: semconv.MetricVoiceTurnSegmentLatency().Name, of: attribute.StringValue(string(otelvoice.SegmentGeneration)),
			keys: []attribute.Key{segmentKey(otelvoice.SegmentGeneration)},
		},
		{name: semconv.MetricVoiceTurnSegmentLatency().Name, keys: []attribute.Key{semconv.VoiceTurnResponseLatencyKey}}, // The segments sum to it.
	},
}

// checkMetrics compares metrics with the sum of what spans tell: of sessions first, and of their turns.
func checkMetrics(t *testing.T, rec *voicetest.Recorder, spans [2][]reading) {
	t.Helper()
	for level, metrics := range refMetrics {
		for _, m := range metrics {
			want := 0.0
			for _, r := range spans[level] {
				for _, key := range m.keys {
					if v, err := strconv.ParseFloat(r[key], 64); err == nil {
						want += v
					}
				}
			}
			if want == 0 {
				t.Errorf("no span has a value of the metric %s", m.name)
			}
			if got := m.sum(rec); math.Abs(got-want) > 1e-3*(1+want) {
				t.Errorf("the metric %s %s sums to %.3f, the spans to %.3f", m.name, m.of.String(), got, want)
			}
		}
	}
}

// sum returns the sum of the metric's points.
func (m refMetric) sum(rec *voicetest.Recorder) (sum float64) {
	all, _ := rec.Metric(m.name)
	counts := func(set attribute.Set) bool {
		for _, kv := range set.ToSlice() {
			if kv.Value == m.of {
				return true
			}
		}
		return m.of == attribute.Value{}
	}
	switch all := all.(type) {
	case metricdata.Sum[int64]:
		for _, p := range all.DataPoints {
			if counts(p.Attributes) {
				sum += float64(p.Value)
			}
		}
	case metricdata.Sum[float64]:
		for _, p := range all.DataPoints {
			if counts(p.Attributes) {
				sum += p.Value
			}
		}
	case metricdata.Histogram[float64]:
		for _, p := range all.DataPoints {
			if counts(p.Attributes) {
				sum += p.Sum
			}
		}
	}
	return sum
}

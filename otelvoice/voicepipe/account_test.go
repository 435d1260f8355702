// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"fmt"
	"math"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// A account is what the spans of a call say of its turns.
type account []told

// told is a turn of an account.
type told struct {
	began    float64 // In seconds since the session began.
	facts    map[attribute.Key]any
	segments map[attribute.Key]float64
	stages   []string // Each with its outcome and its tokens, in the order of their starts.
}

// segments are the parts of the response latency, and the latency itself.
var segments = []attribute.Key{
	semconv.VoiceTurnResponseLatencyKey,
	semconv.VoiceTurnSegmentTranscriptionKey, semconv.VoiceTurnSegmentEndpointingKey, semconv.VoiceTurnSegmentDispatchKey,
	semconv.VoiceTurnSegmentGenerationKey, semconv.VoiceTurnSegmentAggregationKey, semconv.VoiceTurnSegmentSynthesisKey,
	semconv.VoiceTurnSegmentPlayoutKey, semconv.VoiceTurnToolTimeKey,
}

// accountOf reads the account from the recorded spans.
func accountOf(rec *voicetest.Recorder) (s account) {
	spans := rec.Spans()
	slices.SortStableFunc(spans, func(a, b sdktrace.ReadOnlySpan) int { return a.StartTime().Compare(b.StartTime()) })
	for _, turn := range spans {
		if turn.Name() != semconv.SpanVoiceTurn {
			continue
		}
		of := attributes(turn)
		t := told{facts: map[attribute.Key]any{}, segments: map[attribute.Key]float64{}}
		t.began = turn.StartTime().Sub(rec.Named(semconv.SpanVoiceSession)[0].StartTime()).Seconds()
		for _, key := range []attribute.Key{semconv.VoiceTurnInitiatorKey, semconv.VoiceTurnOutcomeKey, semconv.VoiceInterruptionSourceKey, semconv.VoicePlayoutPositionKey} {
			if v, ok := of[key]; ok {
				t.facts[key] = v.AsInterface()
			}
		}
		for _, key := range segments {
			if v, ok := of[key]; ok {
				t.segments[key] = v.AsFloat64()
			}
		}
		for _, stage := range spans {
			if stage.Parent().SpanID() == turn.SpanContext().SpanID() && attributes(stage)[semconv.VoiceStageOutcomeKey].AsString() != "" {
				t.stages = append(t.stages, stageOf(stage))
			}
		}
		slices.Sort(t.stages) // Tools of one round start at one time.
		s = append(s, t)
	}
	return s
}

func attributes(s sdktrace.ReadOnlySpan) map[attribute.Key]attribute.Value {
	of := map[attribute.Key]attribute.Value{}
	for _, kv := range s.Attributes() {
		of[kv.Key] = kv.Value
	}
	return of
}

func stageOf(s sdktrace.ReadOnlySpan) string {
	of := attributes(s)
	text := s.Name() + " " + of[semconv.VoiceStageOutcomeKey].AsString()
	for _, key := range []attribute.Key{semconv.GenAIUsageInputTokensKey, semconv.GenAIUsageOutputTokensKey} {
		if v, ok := of[key]; ok {
			text += fmt.Sprintf(" %s=%d", key, v.AsInt64())
		}
	}
	return text
}

// differences returns how the account of the taps differs from that of the handles. Times may differ by 20 ms.
func differences(handles, taps account) (list []string) {
	differ := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if len(handles) != len(taps) {
		differ("%d turns, by taps %d", len(handles), len(taps))
		return list
	}
	for i := range handles {
		h, t := &handles[i], &taps[i]
		if !isClose(h.began, t.began) {
			differ("turn %d: began at %.3f s, by taps %.3f s", i+1, h.began, t.began)
		}
		for _, key := range []attribute.Key{semconv.VoiceTurnInitiatorKey, semconv.VoiceTurnOutcomeKey, semconv.VoiceInterruptionSourceKey} {
			if h.facts[key] != t.facts[key] {
				differ("turn %d: %s is %v, by taps %v", i+1, key, h.facts[key], t.facts[key])
			}
		}
		was, wasKnown := h.facts[semconv.VoicePlayoutPositionKey].(float64)
		is, isKnown := t.facts[semconv.VoicePlayoutPositionKey].(float64)
		if wasKnown != isKnown || !isClose(was, is) {
			differ("turn %d: %s is %v, by taps %v", i+1, semconv.VoicePlayoutPositionKey, h.facts[semconv.VoicePlayoutPositionKey], t.facts[semconv.VoicePlayoutPositionKey])
		}
		for _, key := range segments {
			was, wasKnown := h.segments[key]
			is, isKnown := t.segments[key]
			if wasKnown != isKnown || !isClose(was, is) {
				differ("turn %d: %s is %.3f s, by taps %.3f s", i+1, key, was, is)
			}
		}
		if !slices.Equal(h.stages, t.stages) {
			differ("turn %d: stages %q, by taps %q", i+1, h.stages, t.stages)
		}
	}
	return list
}

func isClose(a, b float64) bool { return math.Abs(a-b) <= 0.0200001 }

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/voice-agents/telemetry/semconv"
)

// Timeline returns a readable text of the spans that have ended: their start, duration, outcome
// and latencies, and for each turn the segments of the response latency. HTTP spans are left out,
// because their stages have the same data.
//
//	voice.session 2.100s sess_f5e6d7c8b9a0 completed, 1 turn
//	  +0.000s voice.turn 1 1.840s completed
//	    +0.000s speech_to_text nova-3 0.212s confidence 0.93
//	    +0.230s chat gpt-4o-mini 0.600s first token 0.310s
//	    +0.540s text_to_speech sonic-3 1.300s first byte 0.180s
//	    waited 0.842s = transcription 0.120 + … + playout 0.017 (vad)
func (r *Recorder) Timeline() string {
	var b strings.Builder
	for _, root := range forest(r.Spans()) {
		draw(&b, root, root.span.StartTime(), 0)
	}
	return b.String()
}

func draw(b *strings.Builder, n *node, start time.Time, depth int) {
	if n.text(semconv.HTTPRequestMethodKey) != "" {
		for _, child := range n.children {
			draw(b, child, start, depth)
		}
		return
	}
	indent := strings.Repeat("  ", depth)
	if depth > 0 {
		fmt.Fprintf(b, "%s+%s ", indent, seconds(n.span.StartTime().Sub(start)))
	} else {
		start = n.span.StartTime() // The spans above are hidden, so times are relative to this one.
	}
	b.WriteString(n.span.Name())
	if index, ok := n.value(semconv.VoiceTurnIndexKey); ok && n.span.Name() == semconv.SpanVoiceTurn {
		fmt.Fprintf(b, " %d", index.AsInt64())
	}
	fmt.Fprintf(b, " %s", seconds(n.span.EndTime().Sub(n.span.StartTime())))
	for _, fact := range n.facts() {
		b.WriteString(" " + fact)
	}
	b.WriteByte('\n')
	for _, child := range n.children {
		draw(b, child, start, depth+1)
	}
	if waited := n.waited(); waited != "" {
		fmt.Fprintf(b, "%s  %s\n", indent, waited)
	}
}

// facts returns the most important attributes, in order of importance.
func (n *node) facts() (facts []string) {
	if n.span.Name() == semconv.SpanVoiceSession {
		facts = append(facts, n.text(semconv.SessionIDKey))
	}
	for _, key := range []attribute.Key{
		semconv.VoiceSessionEndReasonKey, semconv.VoiceTurnOutcomeKey,
		semconv.VoiceStageOutcomeKey, semconv.VoiceOperationOutcomeKey,
	} {
		// Completed is the usual outcome of a stage and is not printed.
		if text := n.text(key); text != "" && (key != semconv.VoiceStageOutcomeKey || text != semconv.VoiceStageOutcomeCompleted) {
			facts = append(facts, text)
		}
	}
	if n.span.Status().Code == codes.Error {
		facts = append(facts, "error="+n.text(semconv.ErrorTypeKey))
	}
	for _, f := range []struct {
		key    attribute.Key
		format string
	}{
		{semconv.VoiceStageAttemptKey, "attempt %d"},
		{semconv.VoiceStageFallbackIndexKey, "fallback %d"},
		{semconv.VoiceInterruptionSourceKey, "by %s"},
		{semconv.VoicePlayoutPositionKey, "after %.3fs of playout"},
		{semconv.VoiceSTTFinalLatencyKey, "final after %.3fs"},
		{semconv.VoiceSTTConfidenceKey, "confidence %.2f"},
		{semconv.VoiceLLMTimeToFirstTokenKey, "first token %.3fs"},
		{semconv.GenAIUsageOutputTokensKey, "%d tokens"},
		{semconv.VoiceTTSTimeToFirstByteKey, "first byte %.3fs"},
		{semconv.VoiceTTSAudioDurationKey, "audio %.3fs"},
	} {
		if v, ok := n.value(f.key); ok && (f.key != semconv.VoiceStageAttemptKey || v.AsInt64() > 1) {
			facts = append(facts, fmt.Sprintf(f.format, v.AsInterface()))
		}
	}
	return facts
}

// waited returns the turn's response latency as the sum of its segments.
func (n *node) waited() string {
	response, ok := n.value(semconv.VoiceTurnResponseLatencyKey)
	if !ok || n.span.Name() != semconv.SpanVoiceTurn {
		return ""
	}
	keys := []attribute.Key{
		semconv.VoiceTurnSegmentTranscriptionKey, semconv.VoiceTurnSegmentEndpointingKey,
		semconv.VoiceTurnSegmentDispatchKey, semconv.VoiceTurnSegmentGenerationKey,
		semconv.VoiceTurnSegmentAggregationKey, semconv.VoiceTurnSegmentSynthesisKey,
		semconv.VoiceTurnSegmentPlayoutKey,
	}
	var parts []string
	for _, key := range keys {
		if v, ok := n.value(key); ok {
			name := string(key)[strings.LastIndexByte(string(key), '.')+1:]
			parts = append(parts, fmt.Sprintf("%s %.3f", name, v.AsFloat64()))
		}
	}
	text := fmt.Sprintf("waited %.3fs = %s", response.AsFloat64(), strings.Join(slices.Clip(parts), " + "))
	if tools, ok := n.value(semconv.VoiceTurnToolTimeKey); ok {
		text += fmt.Sprintf(", tools %.3f of it", tools.AsFloat64())
	}
	if anchor := n.text(semconv.VoiceTurnAnchorKey); anchor != "" {
		text += " (" + anchor + ")"
	}
	return text
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3fs", d.Seconds()) }

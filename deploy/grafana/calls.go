// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/voice-agents/telemetry/semconv"
)

// calls shows the turns, stages and log lines of one call. The user enters its session ID
// or correlation ID in a text box, or follows a link that sets it.
func calls(records logStore) *dashboard.DashboardBuilder {
	const asked = `"$call"`
	inSpan := func(key string) string { return "span." + key }
	ofCall := "(" + inSpan(string(semconv.SessionIDKey)) + " = " + asked + " || " + inSpan(string(semconv.VoiceCorrelationIDKey)) + " = " + asked + ")"
	selectSpans := func(where string, columns ...string) string {
		for i, c := range columns {
			columns[i] = inSpan(c)
		}
		return "{ " + where + " && " + ofCall + " } | select(" + strings.Join(columns, ", ") + ")"
	}
	turns := selectSpans(`name = "`+semconv.SpanVoiceTurn+`"`,
		string(semconv.VoiceTurnIndexKey), string(semconv.VoiceTurnOutcomeKey), string(semconv.VoiceTurnResponseLatencyKey),
		string(semconv.VoiceTurnSegmentTranscriptionKey), string(semconv.VoiceTurnSegmentEndpointingKey), string(semconv.VoiceTurnSegmentDispatchKey),
		string(semconv.VoiceTurnSegmentGenerationKey), string(semconv.VoiceTurnSegmentAggregationKey), string(semconv.VoiceTurnSegmentSynthesisKey),
		string(semconv.VoiceTurnSegmentPlayoutKey))
	stages := selectSpans(inSpan(string(semconv.VoiceStageOutcomeKey))+` != ""`,
		string(semconv.VoiceStageOutcomeKey), string(semconv.GenAIRequestModelKey), string(semconv.ErrorTypeKey),
		string(semconv.VoiceSTTFinalLatencyKey), string(semconv.GenAIResponseTimeToFirstChunkKey), string(semconv.VoiceTTSTimeToFirstByteKey),
		string(semconv.VoiceTTSTimeToFirstAudibleKey), string(semconv.VoiceStageHeldUpKey), string(semconv.VoiceStageResendsKey))
	session := selectSpans(`name = "`+semconv.SpanVoiceSession+`"`,
		string(semconv.SessionIDKey), string(semconv.VoiceCorrelationIDKey), string(semconv.VoiceSessionEndReasonKey),
		string(semconv.VoiceSessionTurnCountKey), string(semconv.VoiceSessionInterruptionCountKey), string(semconv.VoiceSessionTimeToFirstAudioKey))
	return page("voice-calls", "Call Explorer", "The turns, stages and log lines of one call, selected by its session ID or correlation ID.").
		Refresh("").
		WithVariable(chosenJobs(stored(semconv.MetricVoiceTurnCount()))).
		WithVariable(dashboard.NewTextBoxVariableBuilder("call").Label("Session ID or correlation ID")).
		WithPanel(spans(whole, 4, "Session", "The span of the session. Its trace ID links to the whole trace.", session)).
		WithPanel(spans(whole, 8, "Turns", "The outcome, response latency and segments of each turn.", turns)).
		WithPanel(spans(whole, 10, "Stages", "Each STT, LLM, TTS and tool request.", stages)).
		WithPanel(lines(whole, 16, "Log lines", "All log lines of the call, oldest first. Open a line to see its attributes and the link to its trace.", records.source, records.ofCall))
}

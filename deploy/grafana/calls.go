// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/voice-agents/telemetry/semconv"
)

// Loki has a record's own fields and its attributes as labels of the line, attributes with
// underscores for dots, and of the resource's only those that say which service it is.
const (
	ofService  = `{service_name=~"$job"}`
	severe     = `severity_text=~"ERROR|FATAL"`
	correlated = "correlation_id"
)

// withCorrelation gives lines the correlation ID that they have on stdout: the attribute
// where there is one, else the trace ID written as a UUID.
var withCorrelation = `trace_id!="" | label_format ` + correlated + "=`{{ if ." + label(semconv.VoiceCorrelationIDKey) + " }}{{ ." + label(semconv.VoiceCorrelationIDKey) + " }}{{ else }}" +
	"{{ substr 0 8 .trace_id }}-{{ substr 8 12 .trace_id }}-{{ substr 12 16 .trace_id }}-{{ substr 16 20 .trace_id }}-{{ substr 20 32 .trace_id }}{{ end }}`"

// calls shows one call: its turns, its stages and its lines. What is asked for is a session
// or a correlation ID, in a text box, so that a link or a caller's complaint can bring it.
func calls() *dashboard.DashboardBuilder {
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
		string(semconv.VoiceSTTFinalLatencyKey), string(semconv.GenAIResponseTimeToFirstChunkKey), string(semconv.VoiceTTSTimeToFirstByteKey))
	session := selectSpans(`name = "`+semconv.SpanVoiceSession+`"`,
		string(semconv.SessionIDKey), string(semconv.VoiceCorrelationIDKey), string(semconv.VoiceSessionEndReasonKey),
		string(semconv.VoiceSessionTurnCountKey), string(semconv.VoiceSessionInterruptionCountKey), string(semconv.VoiceSessionTimeToFirstAudioKey))
	return page("voice-calls", "Call Explorer", "One call, asked for by its session or correlation ID: its turns, its stages, its lines.").
		Refresh("").
		WithVariable(chosenJobs(stored(semconv.MetricVoiceTurnCount()))).
		WithVariable(dashboard.NewTextBoxVariableBuilder("call").Label("Session or correlation ID")).
		WithPanel(spans(whole, 4, "The call", "Its trace ID leads to the whole trace.", session)).
		WithPanel(spans(whole, 8, "Turns", "How each ended, what the caller waited for it, and the segments that this is made of.", turns)).
		WithPanel(spans(whole, 10, "Stages", "Each request to a recogniser, a model, a synthesizer or a tool.", stages)).
		WithPanel(lines(whole, 16, "Lines", "All that was logged in the call, oldest first. Open one for its attributes and its trace.",
			ofService+" | "+withCorrelation+" | "+label(semconv.SessionIDKey)+"="+asked+" or "+correlated+"="+asked+
				" | line_format `{{ .scope_name }}: {{ __line__ }}`"))
}

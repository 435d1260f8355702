// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/voice-agents/telemetry/semconv"
)

// In Loki, the fields and attributes of a log record are labels of its line, with
// underscores in place of dots. Of the resource attributes, only those that identify the
// service are labels.
const (
	ofService  = `{service_name=~"$job"}`
	severe     = `severity_text=~"ERROR|FATAL"`
	correlated = "correlation_id"
)

// withCorrelation adds the label correlation_id, with the same value as on stdout: the
// attribute if there is one, else the trace ID in UUID form.
var withCorrelation = `trace_id!="" | label_format ` + correlated + "=`{{ if ." + label(semconv.VoiceCorrelationIDKey) + " }}{{ ." + label(semconv.VoiceCorrelationIDKey) + " }}{{ else }}" +
	"{{ substr 0 8 .trace_id }}-{{ substr 8 12 .trace_id }}-{{ substr 12 16 .trace_id }}-{{ substr 16 20 .trace_id }}-{{ substr 20 32 .trace_id }}{{ end }}`"

// calls shows the turns, stages and log lines of one call. The user enters its session ID
// or correlation ID in a text box, or follows a link that sets it.
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
		WithPanel(lines(whole, 16, "Log lines", "All log lines of the call, oldest first. Open a line to see its attributes and the link to its trace.",
			ofService+" | "+withCorrelation+" | "+label(semconv.SessionIDKey)+"="+asked+" or "+correlated+"="+asked+
				" | line_format `{{ .scope_name }}: {{ __line__ }}`"))
}

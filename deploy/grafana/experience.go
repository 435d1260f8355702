// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// experience shows the quality of calls from the callers' point of view.
func experience() *dashboard.DashboardBuilder {
	var (
		turns      = stored(semconv.MetricVoiceTurnCount())
		byOutcome  = []attribute.Key{semconv.VoiceTurnOutcomeKey}
		sessions   = semconv.MetricVoiceSessionDuration()
		bySource   = []attribute.Key{semconv.VoiceInterruptionSourceKey}
		firstAudio = semconv.MetricVoiceSessionTimeToFirstAudio()
		ofOutcome  = func(outcome string) string {
			return share("(sum("+inRange(series(turns, equal(semconv.VoiceTurnOutcomeKey, outcome)))+") or vector(0))", "sum("+inRange(series(turns))+")")
		}
	)
	return page("voice-experience", "User Experience", "Calls from the callers' point of view: answers, response latency and interruptions.").
		WithVariable(chosenJobs(turns)).
		WithPanel(number(percent, "Completed", "Turns that the agent completed.", ofOutcome(semconv.VoiceTurnOutcomeCompleted), below(0.8, 0.6)...)).
		WithPanel(number(percent, "Interrupted", "Turns in which the user interrupted the answer.", ofOutcome(semconv.VoiceTurnOutcomeInterrupted), above(0.2, 0.3)...)).
		WithPanel(number(percent, "Failed", "Turns that ended with an error.", ofOutcome(semconv.VoiceTurnOutcomeFailed), above(0.005, 0.02)...)).
		WithPanel(number(seconds, "Response latency, p95", "From the end of the user's speech to the first audio of the answer.",
			quantileInRange(0.95, semconv.MetricVoiceTurnResponseLatency()), above(1.5, 2)...)).
		WithPanel(graph(half, seconds, "Response latency", "From the end of the user's speech to the first audio of the answer.",
			withLegend{expr: quantile(0.5, semconv.MetricVoiceTurnResponseLatency(), nil), legend: "median", exemplars: true},
			named("p95", quantile(0.95, semconv.MetricVoiceTurnResponseLatency(), nil)))).
		WithPanel(graph(half, seconds, "First audio of a call", "From the connection to the first agent audio.",
			named("median", quantile(0.5, firstAudio, nil)), named("p95", quantile(0.95, firstAudio, nil)))).
		WithPanel(stacked(graph(half, perSec, "Turns", "By outcome.", each(by(perSecond(series(turns)), byOutcome...), byOutcome...)))).
		WithPanel(graph(half, perSec, "Interruptions", "By source. False interruptions do not count.",
			each(by(perSecond(series(stored(semconv.MetricVoiceInterruptionCount()))), bySource...), bySource...))).
		WithPanel(stacked(graph(third, plain, "Open calls", "Open sessions by channel.",
			each(by(series(stored(semconv.MetricVoiceSessionActive())), semconv.VoiceChannelKey), semconv.VoiceChannelKey)))).
		WithPanel(stacked(graph(third, perSec, "Ended calls", "By end reason.",
			each(by(perSecond(series(stored(sessions)+"_count")), semconv.VoiceSessionEndReasonKey), semconv.VoiceSessionEndReasonKey)))).
		WithPanel(graph(third, seconds, "Call duration", "Many short calls can mean that callers give up.",
			named("median", quantile(0.5, sessions, nil)), named("p95", quantile(0.95, sessions, nil)))).
		WithRow(dashboard.NewRowBuilder("Objectives")).
		WithPanel(graph(half, plain, "Burn rate of failed turns", "At 1, the error budget of one week lasts one week. The page alert fires above 14.4.",
			named("1 h {{job}}", burned("job:voice_turns_failed:ratio_rate1h", "0.005")), named("6 h {{job}}", burned("job:voice_turns_failed:ratio_rate6h", "0.005")))).
		WithPanel(graph(half, plain, "Burn rate of late answers", "At 1, the error budget of one week lasts one week. The page alert fires above 6.",
			named("1 h {{job}}", burned("job:voice_answers_late:ratio_rate1h", "0.05")), named("6 h {{job}}", burned("job:voice_answers_late:ratio_rate6h", "0.05"))))
}

// burned is a ratio that deploy/prometheus/rules.yml records, in multiples of the share
// that the objective allows.
func burned(recorded, allowed string) string { return share(series(recorded), allowed) }

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// outcomes shows what calls achieve and cost, and compares versions of the agent.
func outcomes() *dashboard.DashboardBuilder {
	var (
		turns       = stored(semconv.MetricVoiceTurnCount())
		latency     = semconv.MetricVoiceTurnResponseLatency()
		cost        = stored(semconv.MetricVoiceCost())
		ended       = stored(semconv.MetricVoiceSessionOutcomeCount())
		evaluations = stored(semconv.MetricVoiceEvaluationCount())
		transfers   = stored(semconv.MetricVoiceTransferCount())
		byVersion   = []attribute.Key{semconv.GenAIAgentNameKey, semconv.GenAIAgentVersionKey, semconv.VoiceExperimentKey}
		bought      = []attribute.Key{semconv.GenAIProviderNameKey, semconv.GenAIRequestModelKey, semconv.VoiceCostCurrencyKey}
	)
	hourly := func(metric string, keys ...attribute.Key) withLegend {
		return each("3600 * "+by(perSecond(series(metric)), keys...), keys...)
	}
	ofVersions := func(part string, keys ...attribute.Key) string {
		return share(by(perSecond(series(turns, part)), keys...), by(perSecond(series(turns)), keys...))
	}
	return page("voice-outcomes", "Outcomes and Cost", "What calls achieve, what they cost, and how versions of the agent differ.").
		WithVariable(chosenJobs(turns)).
		WithPanel(stacked(graph(half, plain, "Outcomes per hour", "Ended calls by the outcome that the application set.",
			hourly(ended, semconv.VoiceSessionOutcomeKey)))).
		WithPanel(graph(half, plain, "Evaluations per hour", "By evaluation and label.",
			hourly(evaluations, semconv.GenAIEvaluationNameKey, semconv.GenAIEvaluationScoreLabelKey))).
		WithRow(dashboard.NewRowBuilder("Cost")).
		WithPanel(stacked(graph(half, plain, "Cost per hour", "By provider, model and currency, in units of the currency. Only what has a price in the price list.",
			hourly(cost, bought...)))).
		WithPanel(graph(half, plain, "Cost of a turn", "The average cost, by currency. The cost of streaming recognisers is in it.",
			each(by(perSecond(series(cost)), semconv.VoiceCostCurrencyKey)+" / on() group_left sum("+perSecond(series(turns))+")", semconv.VoiceCostCurrencyKey))).
		WithPanel(list(whole, "Cost by stage and model", "The cost in the dashboard's time range.",
			by(inRange(series(cost)), append([]attribute.Key{semconv.VoiceStageKey}, bought...)...))).
		WithRow(dashboard.NewRowBuilder("Versions of the agent")).
		WithPanel(graph(third, seconds, "Response latency, p95", "By name, version and experiment of the agent.",
			each(quantile(0.95, latency, byVersion), byVersion...))).
		WithPanel(graph(third, percent, "Failed turns", "By name, version and experiment of the agent.",
			each(ofVersions(equal(semconv.VoiceTurnOutcomeKey, semconv.VoiceTurnOutcomeFailed), byVersion...), byVersion...))).
		WithPanel(graph(third, percent, "Interrupted turns", "By name, version and experiment of the agent.",
			each(ofVersions(equal(semconv.VoiceTurnOutcomeKey, semconv.VoiceTurnOutcomeInterrupted), byVersion...), byVersion...))).
		WithRow(dashboard.NewRowBuilder("The telephone")).
		WithPanel(stacked(graph(third, plain, "Transfers per hour", "By target and outcome. Without an outcome, the call ended before it was known.",
			hourly(transfers, semconv.VoiceTransferTargetKey, semconv.VoiceTransferOutcomeKey)))).
		WithPanel(graph(third, seconds, "Holds", "The duration of holds.",
			named("median", quantile(0.5, semconv.MetricVoiceHoldDuration(), nil)), named("p95", quantile(0.95, semconv.MetricVoiceHoldDuration(), nil)))).
		WithPanel(graph(third, plain, "Answered by, idle prompts, keys", "Per hour. An idle prompt asks whether the user is still there.",
			hourly(stored(semconv.MetricVoiceAnsweringMachineCount()), semconv.VoiceAnsweringMachineResultKey),
			named("idle prompts", "3600 * sum("+perSecond(series(stored(semconv.MetricVoiceIdlePromptCount())))+")"),
			named("keys", "3600 * sum("+perSecond(series(stored(semconv.MetricVoiceDtmfCount())))+")")))
}

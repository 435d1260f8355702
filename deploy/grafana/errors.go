// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// failures shows which components fail, with which errors, and in which calls.
func failures(records logStore) *dashboard.DashboardBuilder {
	var (
		stage       = stored(semconv.MetricVoiceStageDuration()) + "_count"
		turns       = stored(semconv.MetricVoiceTurnCount())
		failed      = equal(semconv.VoiceStageOutcomeKey, semconv.VoiceStageOutcomeFailed)
		failedTurn  = equal(semconv.VoiceTurnOutcomeKey, semconv.VoiceTurnOutcomeFailed)
		byComponent = []attribute.Key{semconv.VoiceStageKey, semconv.GenAIProviderNameKey, semconv.GenAIRequestModelKey}
		byError     = append(slices.Clip(byComponent), semconv.ErrorTypeKey)
		operation   = stored(semconv.MetricVoiceOperationDuration()) + "_count"
	)
	return page("voice-errors", "Errors", "Which components fail, with which errors, and in which calls.").
		WithVariable(chosenJobs(turns)).
		WithRow(dashboard.NewRowBuilder("Effect on callers")).
		WithPanel(number(percent, "Failed turns", "Turns that ended with an error. The objective is at most 0.5 %.",
			share("(sum("+inRange(series(turns, failedTurn))+") or vector(0))", "sum("+inRange(series(turns))+")"), above(0.005, 0.02)...)).
		WithPanel(number(percent, "Failed requests", "STT, LLM, TTS and tool requests that failed. Callers do not notice a failure if a retry or a fallback provider succeeds.",
			share("(sum("+inRange(series(stage, failed))+") or vector(0))", "sum("+inRange(series(stage))+")"), above(0.01, 0.05)...)).
		WithPanel(graph(half, percent, "Failed turns", "Share of all turns.",
			each(share(by(perSecond(series(turns, failedTurn)), "job"), by(perSecond(series(turns)), "job")), "job")).Height(4)).
		WithRow(dashboard.NewRowBuilder("By component")).
		WithPanel(graph(half, percent, "Failed requests", "Share of all requests, by stage, provider and model.",
			each(share(by(perSecond(series(stage, failed)), byComponent...), by(perSecond(series(stage)), byComponent...)), byComponent...))).
		WithPanel(stacked(graph(half, perSec, "Errors", "By stage, provider, model and error type.",
			each(by(perSecond(series(stage, failing)), byError...), byError...)))).
		WithPanel(list(half, "Errors by component", "In the selected time range, highest count first.",
			"sort_desc("+by(inRange(series(stage, failing)), byError...)+" > 0)")).
		WithPanel(list(half, "Failed operations", "Timed operations of the application that failed.",
			"sort_desc("+by(inRange(series(operation, failing)), semconv.VoiceOperationNameKey, semconv.ErrorTypeKey)+" > 0)")).
		WithRow(dashboard.NewRowBuilder("By call")).
		WithPanel(failedCalls(records)).
		WithPanel(lines(half, 12, "Error log lines", "The trace_id of a line links to its trace.", records.source, records.severe))
}

// failedCalls lists the calls with the most errors, with links to Call Explorer.
func failedCalls(records logStore) *table.PanelBuilder {
	return grid(half, "Calls with errors", "The number of error log lines of each call, by module.").Height(12).
		Datasource(records.source).
		WithTarget(records.failedCalls).
		OverrideByName(correlated, []dashboard.DynamicConfigValue{{Id: "links", Value: []map[string]any{
			{"title": "Call Explorer", "url": "/d/voice-calls?var-call=${__value.text}&${__url_time_range}"},
		}}})
}

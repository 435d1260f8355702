// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// pipeline says how long callers wait and where the time goes.
func pipeline() *dashboard.DashboardBuilder {
	var (
		response  = semconv.MetricVoiceTurnResponseLatency()
		segment   = semconv.MetricVoiceTurnSegmentLatency()
		stage     = semconv.MetricVoiceStageDuration()
		bySegment = []attribute.Key{semconv.VoiceSegmentKey}
		byModel   = []attribute.Key{semconv.GenAIProviderNameKey, semconv.GenAIRequestModelKey}
		byStage   = append([]attribute.Key{semconv.VoiceStageKey}, byModel...)
	)
	answers := perSecond(series(stored(response) + "_count"))
	slow := above(1, 2)
	d := page("voice-pipeline", "Voice Pipeline Performance", "How long callers wait for an answer, and in which part of the pipeline the time goes.").
		WithVariable(chosenJobs(stored(semconv.MetricVoiceTurnCount()))).
		WithRow(dashboard.NewRowBuilder("What the caller waits for")).
		WithPanel(number(seconds, "Median", "From the end of the user's speech to the first audio of the answer.", quantileInRange(0.5, response), slow...)).
		WithPanel(number(seconds, "p95", "One answer in twenty takes longer.", quantileInRange(0.95, response), slow...)).
		WithPanel(number(seconds, "p99", "One answer in a hundred takes longer.", quantileInRange(0.99, response), slow...)).
		WithPanel(number(percent, "Within 1.5 s", "The objective is 95 %.",
			share("sum("+inRange(series(stored(response)+"_bucket", `le="1.5"`))+")", "sum("+inRange(series(stored(response)+"_count"))+")"), below(0.95, 0.9)...)).
		WithPanel(heat(half, "Response latency", "Each dot is a call: click on it for its trace.",
			by(perSecond(series(stored(response)+"_bucket")), "le"))).
		WithPanel(graph(half, seconds, "Response latency", "All turns with an answer.",
			withLegend{expr: quantile(0.5, response, nil), legend: "median", exemplars: true},
			named("p95", quantile(0.95, response, nil)), named("p99", quantile(0.99, response, nil))).Height(10)).
		WithRow(dashboard.NewRowBuilder("Where the time goes")).
		WithPanel(stacked(graph(half, seconds, "Mean, by segment", "The segments of a turn add up to its response latency, and so do these.",
			each(by(perSecond(series(stored(segment)+"_sum")), bySegment...)+" / scalar(sum("+answers+"))", bySegment...)))).
		WithPanel(graph(half, seconds, "p95, by segment", "Percentiles of segments do not add up: the slowest turn is rarely slow in all of them.",
			each(quantile(0.95, segment, bySegment), bySegment...))).
		WithPanel(graph(half, seconds, "Median, by segment", "The usual turn.", each(quantile(0.5, segment, bySegment), bySegment...))).
		WithPanel(graph(half, seconds, "p99, by segment", "The worst turns.", each(quantile(0.99, segment, bySegment), bySegment...))).
		WithRow(dashboard.NewRowBuilder("Stages and their providers"))
	for _, g := range []struct {
		title, description string
		metric             semconv.Metric
		keys               []attribute.Key
	}{
		{"Stage duration, p95", "From the request to the last of the response.", stage, byStage},
		{"Final transcript, p95", "From the end of the user's speech to the final transcript.", semconv.MetricVoiceSTTFinalLatency(), byModel},
		{"First chunk of the model, p95", "From the request to the first chunk of the response.", semconv.MetricGenAIClientInferenceTimeToFirstChunk(), byModel},
		{"First byte of speech, p95", "From the request to the first byte of audio.", semconv.MetricVoiceTTSTimeToFirstByte(), byModel},
	} {
		d.WithPanel(graph(half, seconds, g.title, g.description, each(quantile(0.95, g.metric, g.keys), g.keys...)))
	}
	return d.
		WithPanel(graph(third, plain, "Real-time factor, p95", "Above 1 the audio comes later than it is played.",
			named("recognition", quantile(0.95, semconv.MetricVoiceSTTRealTimeFactor(), nil)),
			named("synthesis", quantile(0.95, semconv.MetricVoiceTTSRealTimeFactor(), nil)))).
		WithPanel(graph(third, percent, "Confidence of transcripts", "The worst tenth and the median.",
			named("worst tenth", quantile(0.1, semconv.MetricVoiceSTTConfidence(), byModel)),
			named("median", quantile(0.5, semconv.MetricVoiceSTTConfidence(), byModel))).Max(1)).
		WithPanel(graph(third, perSec, "Tokens", "What the models read and write.",
			each(by(perSecond(series(stored(semconv.MetricGenAIClientInferenceUsageInputTokens()))), byModel...), byModel...),
			each(by(perSecond(series(stored(semconv.MetricGenAIClientInferenceUsageOutputTokens()))), byModel...), byModel...)))
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// pipeline shows the response latency and its segments, stages and providers.
func pipeline() *dashboard.DashboardBuilder {
	var (
		response  = semconv.MetricVoiceTurnResponseLatency()
		segment   = semconv.MetricVoiceTurnSegmentLatency()
		stage     = semconv.MetricVoiceStageDuration()
		bySegment = []attribute.Key{semconv.VoiceSegmentKey}
		byBudget  = []attribute.Key{semconv.VoiceBudgetKey}
		byVersion = []attribute.Key{semconv.GenAIAgentVersionKey, semconv.VoiceBudgetKey}
		byModel   = []attribute.Key{semconv.GenAIProviderNameKey, semconv.GenAIRequestModelKey}
		byStage   = append([]attribute.Key{semconv.VoiceStageKey}, byModel...)
	)
	turns, overBudget := stored(semconv.MetricVoiceTurnCount()), stored(semconv.MetricVoiceTurnOverBudgetCount())
	answers := perSecond(series(stored(response) + "_count"))
	slow := above(1, 2)
	d := page("voice-pipeline", "Voice Pipeline Performance", "The response latency, and the time that each segment, stage and provider takes.").
		WithVariable(chosenJobs(turns)).
		WithRow(dashboard.NewRowBuilder("Response latency")).
		WithPanel(number(seconds, "Median", "From the end of the user's speech to the first audio of the answer.", quantileInRange(0.5, response), slow...)).
		WithPanel(number(seconds, "p95", "5 % of the answers take longer.", quantileInRange(0.95, response), slow...)).
		WithPanel(number(seconds, "p99", "1 % of the answers take longer.", quantileInRange(0.99, response), slow...)).
		WithPanel(number(percent, "Within 1.5 s", "Share of answers that start within 1.5 s. The objective is at least 95 %.",
			share("sum("+inRange(series(stored(response)+"_bucket", `le="1.5"`))+")", "sum("+inRange(series(stored(response)+"_count"))+")"), below(0.95, 0.9)...)).
		WithPanel(heat(half, "Response latency", "Each point is an exemplar. Click it to open the trace of its call.",
			by(perSecond(series(stored(response)+"_bucket")), "le"))).
		WithPanel(graph(half, seconds, "Response latency", "Percentiles of all turns with an answer.",
			withLegend{expr: quantile(0.5, response, nil), legend: "median", exemplars: true},
			named("p95", quantile(0.95, response, nil)), named("p99", quantile(0.99, response, nil))).Height(10)).
		WithRow(dashboard.NewRowBuilder("Segments")).
		WithPanel(stacked(graph(half, seconds, "Mean, by segment", "The sum of the segments is the mean response latency.",
			each(by(perSecond(series(stored(segment)+"_sum")), bySegment...)+" / scalar(sum("+answers+"))", bySegment...)))).
		WithPanel(graph(half, seconds, "p95, by segment", "Percentiles of segments do not sum to the percentile of the response latency, because a slow turn is rarely slow in every segment.",
			each(quantile(0.95, segment, bySegment), bySegment...))).
		WithPanel(graph(half, seconds, "Median, by segment", "The typical turn.", each(quantile(0.5, segment, bySegment), bySegment...))).
		WithPanel(graph(half, seconds, "p99, by segment", "1 % of the turns take longer in the segment.", each(quantile(0.99, segment, bySegment), bySegment...))).
		WithPanel(graph(half, percent, "Turns over budget", "Share of the turns that exceeded the budget of the response latency or of a segment. A turn may exceed several.",
			each(by(perSecond(series(overBudget)), byBudget...)+" / scalar(sum("+perSecond(series(turns))+"))", byBudget...))).
		WithPanel(graph(half, perSec, "Turns over budget, by version", "By the version of the agent.",
			each(by(perSecond(series(overBudget)), byVersion...), byVersion...))).
		WithRow(dashboard.NewRowBuilder("Stages and providers"))
	for _, g := range []struct {
		title, description string
		metric             semconv.Metric
		keys               []attribute.Key
	}{
		{"Stage duration, p95", "From the request to the end of the response.", stage, byStage},
		{"Final transcript, p95", "From the end of the user's speech to the final transcript.", semconv.MetricVoiceSTTFinalLatency(), byModel},
		{"First LLM chunk, p95", "From the request to the first chunk of the response.", semconv.MetricGenAIClientInferenceTimeToFirstChunk(), byModel},
		{"First token of the answer, p95", "From the LLM request to the first token of the answer, without reasoning and tool calls.", semconv.MetricVoiceLLMTimeToFirstToken(), byModel},
		{"First TTS byte, p95", "From the request to the first byte of audio.", semconv.MetricVoiceTTSTimeToFirstByte(), byModel},
		{"First audible TTS sample, p95", "From the request to the first audible sample. Many voices start with silence.", semconv.MetricVoiceTTSTimeToFirstAudible(), byModel},
	} {
		d.WithPanel(graph(half, seconds, g.title, g.description, each(quantile(0.95, g.metric, g.keys), g.keys...)))
	}
	return d.
		WithPanel(graph(third, plain, "Real-time factor, p95", "At 1 or above, processing is slower than real time.",
			named("recognition", quantile(0.95, semconv.MetricVoiceSTTRealTimeFactor(), nil)),
			named("synthesis", quantile(0.95, semconv.MetricVoiceTTSRealTimeFactor(), nil)))).
		WithPanel(graph(third, percent, "Transcript confidence", "The 10th percentile and the median.",
			named("p10", quantile(0.1, semconv.MetricVoiceSTTConfidence(), byModel)),
			named("median", quantile(0.5, semconv.MetricVoiceSTTConfidence(), byModel))).Max(1)).
		WithPanel(graph(third, perSec, "Tokens", "Input tokens and output tokens per second.",
			each(by(perSecond(series(stored(semconv.MetricGenAIClientInferenceUsageInputTokens()))), byModel...), byModel...),
			each(by(perSecond(series(stored(semconv.MetricGenAIClientInferenceUsageOutputTokens()))), byModel...), byModel...))).
		WithPanel(graph(third, perSec, "Resent requests", "HTTP requests that a provider's SDK or other code sent again, by stage and provider.",
			each(by(perSecond(series(stored(semconv.MetricVoiceStageResendCount()))), byStage[:2]...), byStage[:2]...))).
		WithPanel(graph(third, perSec, "Dropped audio frames", "Captured frames that a streaming recogniser did not accept in time.",
			each(by(perSecond(series(stored(semconv.MetricVoiceStreamDropCount()))), byModel...), byModel...))).
		WithPanel(graph(third, perSec, "Stream reconnects", "Lost connections to streaming recognisers that were replaced.",
			each(by(perSecond(series(stored(semconv.MetricVoiceStreamReconnectCount()))), byModel...), byModel...)))
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package traced

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/benchmarks/paired"
	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/semconv"
)

// measurements returns the contenders that record a duration with four attributes, the baseline
// first. The context has a sampled span, as it has in a call: the SDK then considers each
// measurement for an exemplar.
//
// No call of the public API records only one measurement. All of them use the toolkit's own set of
// instruments, which takes the dimensions as a struct and caches the attributes made from them.
func measurements(s sinks) []paired.Contender {
	attrs := []attribute.KeyValue{
		semconv.VoiceStage(semconv.VoiceStageLLM), completed(), semconv.GenAIProviderName(provider), semconv.GenAIRequestModel(model),
	}
	bySDK := func(record func(h metric.Float64Histogram, n int)) func() (paired.Work, error) {
		return func() (paired.Work, error) {
			providers := s.sdk()
			h, err := stageHistogram(providers.meters.Meter("agent"), semconv.MetricVoiceStageDuration())
			return paired.Work{Run: func(n int) { record(h, n) }, Stop: providers.stop}, err
		}
	}
	const seconds = .312
	ctx := called(context.Background())
	return []paired.Contender{
		{Name: "OpenTelemetry's SDK, attributes with each", Start: bySDK(func(h metric.Float64Histogram, n int) {
			for range n {
				h.Record(ctx, seconds, metric.WithAttributes(semconv.VoiceStage(semconv.VoiceStageLLM), completed(),
					semconv.GenAIProviderName(provider), semconv.GenAIRequestModel(model)))
			}
		})},
		{Name: "the same, a set made beforehand", Start: bySDK(func(h metric.Float64Histogram, n int) {
			set := attribute.NewSet(attrs...)
			for range n {
				h.Record(ctx, seconds, metric.WithAttributeSet(set))
			}
		})},
		{Name: "the same, options made beforehand", Start: bySDK(func(h metric.Float64Histogram, n int) {
			opts := []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(attrs...))}
			for range n {
				h.Record(ctx, seconds, opts...)
			}
		})},
		{Name: "otelvoice's instruments", Start: func() (paired.Work, error) {
			providers := s.sdk()
			set, err := instrument.New(providers.meters, nil, "agent", "")
			return paired.Work{Run: func(n int) {
				for range n {
					set.Stage(instrument.Stage{
						Kind: semconv.VoiceStageLLM, Outcome: semconv.VoiceStageOutcomeCompleted, Provider: provider, Model: model,
					}).Ended(ctx, seconds)
				}
			}, Stop: providers.stop}, err
		}},
	}
}

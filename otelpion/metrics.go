// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelpion

import (
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

const scopeName = "github.com/voice-agents/telemetry/otelpion"

// metrics are the instruments of a call. The SDK returns the same instruments for all calls.
type metrics struct {
	packets                   metric.Int64Counter
	lost                      metric.Int64UpDownCounter
	gaps, jitters, roundTrips metric.Float64Histogram
}

// newMetrics returns the instruments. They fail only for invalid names, which a test checks against
// the registry. An instrument that failed is a no-op.
func newMetrics(tel *otelvoice.Telemetry) *metrics {
	meter := tel.MeterProvider().Meter(scopeName)
	m := &metrics{
		gaps:       histogram(meter, semconv.MetricVoiceMediaGapDuration()),
		jitters:    histogram(meter, semconv.MetricVoiceMediaJitter()),
		roundTrips: histogram(meter, semconv.MetricVoiceMediaRoundTripTime()),
	}
	def := semconv.MetricVoiceMediaPacketCount()
	m.packets, _ = meter.Int64Counter(def.Name, metric.WithUnit(def.Unit), metric.WithDescription(def.Description))
	def = semconv.MetricVoiceMediaPacketLost()
	m.lost, _ = meter.Int64UpDownCounter(def.Name, metric.WithUnit(def.Unit), metric.WithDescription(def.Description))
	return m
}

func histogram(meter metric.Meter, def semconv.Metric) metric.Float64Histogram {
	h, _ := meter.Float64Histogram(def.Name, metric.WithUnit(def.Unit), metric.WithDescription(def.Description),
		metric.WithExplicitBucketBoundaries(def.Buckets...))
	return h
}

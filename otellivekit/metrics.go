// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

const scopeName = "github.com/voice-agents/telemetry/otellivekit"

// metrics are the instruments of a room. The SDK returns the same instruments for all rooms.
type metrics struct {
	events, qualities, packets metric.Int64Counter
	present, open, lost        metric.Int64UpDownCounter
	joins, outages             metric.Float64Histogram
	jitters, roundTrips        metric.Float64Histogram

	mu    sync.Mutex
	named map[string][]metric.AddOption // The options of events, by name. There are few names.
}

func newMetrics(tel *otelvoice.Telemetry) *metrics {
	meter := tel.MeterProvider().Meter(scopeName)
	return &metrics{
		events:     counter(meter, semconv.MetricVoiceRoomEventCount()),
		qualities:  counter(meter, semconv.MetricVoiceParticipantQualityCount()),
		packets:    counter(meter, semconv.MetricVoiceMediaPacketCount()),
		present:    upDownCounter(meter, semconv.MetricVoiceRoomParticipants()),
		open:       upDownCounter(meter, semconv.MetricVoiceRoomTracks()),
		lost:       upDownCounter(meter, semconv.MetricVoiceMediaPacketLost()),
		joins:      histogram(meter, semconv.MetricVoiceRoomJoinDuration()),
		outages:    histogram(meter, semconv.MetricVoiceRoomReconnectDuration()),
		jitters:    histogram(meter, semconv.MetricVoiceMediaJitter()),
		roundTrips: histogram(meter, semconv.MetricVoiceMediaRoundTripTime()),
		named:      make(map[string][]metric.AddOption),
	}
}

// Instruments fail only for invalid names, which a test checks against the registry. An
// instrument that failed is a no-op.

func counter(meter metric.Meter, def semconv.Metric) metric.Int64Counter {
	c, _ := meter.Int64Counter(def.Name, metric.WithUnit(def.Unit), metric.WithDescription(def.Description))
	return c
}

func upDownCounter(meter metric.Meter, def semconv.Metric) metric.Int64UpDownCounter {
	c, _ := meter.Int64UpDownCounter(def.Name, metric.WithUnit(def.Unit), metric.WithDescription(def.Description))
	return c
}

func histogram(meter metric.Meter, def semconv.Metric) metric.Float64Histogram {
	h, _ := meter.Float64Histogram(def.Name, metric.WithUnit(def.Unit), metric.WithDescription(def.Description),
		metric.WithExplicitBucketBoundaries(def.Buckets...))
	return h
}

func (m *metrics) event(ctx context.Context, name string) {
	m.mu.Lock()
	opts, ok := m.named[name]
	if !ok {
		opts = []metric.AddOption{metric.WithAttributeSet(attribute.NewSet(semconv.VoiceRoomEvent(name)))}
		m.named[name] = opts
	}
	m.mu.Unlock()
	m.events.Add(ctx, 1, opts...)
}

func (m *metrics) quality(ctx context.Context, name string) {
	m.qualities.Add(ctx, 1, metric.WithAttributes(semconv.VoiceParticipantQuality(name)))
}

func (m *metrics) participants(ctx context.Context, kind string, n int64) {
	m.present.Add(ctx, n, metric.WithAttributes(semconv.VoiceParticipantKind(kind)))
}

func (m *metrics) tracks(ctx context.Context, kind string, n int64) {
	m.open.Add(ctx, n, metric.WithAttributes(semconv.VoiceTrackKind(kind)))
}

func (m *metrics) joined(ctx context.Context, d time.Duration, err error) {
	m.joins.Record(ctx, d.Seconds(), outcome(err)...)
}

func (m *metrics) reconnected(ctx context.Context, d time.Duration, err error) {
	m.outages.Record(ctx, d.Seconds(), outcome(err)...)
}

// outcome returns the type of an error as an attribute with few values.
func outcome(err error) []metric.RecordOption {
	name := "_OTHER"
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errGivenUp):
		name = "given_up"
	case errors.Is(err, context.DeadlineExceeded):
		name = "timeout"
	}
	return []metric.RecordOption{metric.WithAttributes(semconv.ErrorType(name))}
}

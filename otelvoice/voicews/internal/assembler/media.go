// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/internal/media"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// A reception is how the caller's audio arrives on a line: over the whole call for the metrics, and in
// each open turn for the turn's attributes.
type reception struct{ call media.Frames }

// arrived records a frame of the caller's audio. Without a timestamp of the line, the frames follow each
// other.
func (l *line) arrived(e *wire.Event, length time.Duration, now time.Time) {
	at := e.Media.Timestamp
	if !e.Media.HasTimestamp {
		at = l.heard
	}
	l.heard = at + length
	l.reception.call.Arrived(at, length, now)
	for _, t := range l.call.turns {
		t.media.Arrived(at, length, now)
	}
}

// end records the metrics of a call.
func (r *reception) end(ctx context.Context, tel *otelvoice.Telemetry) {
	if r.call.Received() == 0 {
		return
	}
	meter := tel.MeterProvider().Meter(otelvoice.ScopeName, metric.WithInstrumentationVersion(otelvoice.Version))
	// Instruments fail only for names that are not valid. One that failed does nothing.
	packets, jitter := semconv.MetricVoiceMediaPacketCount(), semconv.MetricVoiceMediaJitter()
	if c, err := meter.Int64Counter(packets.Name, metric.WithUnit(packets.Unit), metric.WithDescription(packets.Description)); err == nil {
		c.Add(ctx, r.call.Received())
	}
	if h, err := meter.Float64Histogram(jitter.Name, metric.WithUnit(jitter.Unit), metric.WithDescription(jitter.Description),
		metric.WithExplicitBucketBoundaries(jitter.Buckets...)); err == nil {
		h.Record(ctx, r.call.Jitter())
	}
	if n := r.call.Missing(); n > 0 {
		lost := semconv.MetricVoiceMediaPacketLost()
		if c, err := meter.Int64UpDownCounter(lost.Name, metric.WithUnit(lost.Unit), metric.WithDescription(lost.Description)); err == nil {
			c.Add(ctx, n)
		}
	}
	if n := r.call.OutOfOrder(); n > 0 {
		late := semconv.MetricVoiceMediaPacketOutOfOrder()
		if c, err := meter.Int64Counter(late.Name, metric.WithUnit(late.Unit), metric.WithDescription(late.Description)); err == nil {
			c.Add(ctx, n)
		}
	}
}

// recordMedia sets how the caller's audio arrived in a turn.
func (t *turn) recordMedia() {
	m := &t.media
	if m.Received() < 2 {
		return
	}
	t.handle.SetAttributes(
		semconv.VoiceMediaPacketCount(int(m.Received())),
		semconv.VoiceMediaJitter(m.Jitter()),
		semconv.VoiceMediaPacketLost(int(m.Missing())),
	)
	if n := m.OutOfOrder(); n > 0 {
		t.handle.SetAttributes(semconv.VoiceMediaPacketOutOfOrder(int(n)))
	}
	if g := m.Gaps(); g.Count > 0 {
		t.handle.SetAttributes(
			semconv.VoiceMediaGapCount(int(g.Count)),
			semconv.VoiceMediaGapLongest(g.Longest.Seconds()),
			semconv.VoiceMediaGapTotal(g.Total.Seconds()),
		)
	}
}

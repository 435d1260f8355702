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
type reception struct {
	call media.Frames
	gaps []time.Duration // The first ones.
}

// maxGaps is how many gaps of a call are recorded in the metrics.
const maxGaps = 256

// arrived records a frame of the caller's audio. Without a timestamp of the line, the frames follow each
// other.
func (l *line) arrived(e *wire.Event, length time.Duration, now time.Time) {
	at := e.Media.Timestamp
	if !e.Media.HasTimestamp {
		at = l.heard
	}
	l.heard = at + length
	r := &l.reception
	before := r.call.Gaps()
	r.call.Arrived(at, length, now)
	if after := r.call.Gaps(); after.Count > before.Count && len(r.gaps) < maxGaps {
		r.gaps = append(r.gaps, after.Total-before.Total)
	}
	for _, t := range l.call.turns {
		t.media.Arrived(at, length, now)
	}
}

// end records the metrics of a call.
func (r *reception) end(ctx context.Context, tel *otelvoice.Telemetry) {
	if r.call.Received() == 0 {
		return
	}
	m := tel.MeterProvider().Meter(otelvoice.ScopeName, metric.WithInstrumentationVersion(otelvoice.Version))
	count(ctx, m, semconv.MetricVoiceMediaPacketCount(), r.call.Received())
	count(ctx, m, semconv.MetricVoiceMediaPacketOutOfOrder(), r.call.OutOfOrder())
	record(ctx, m, semconv.MetricVoiceMediaJitter(), r.call.Jitter())
	for _, d := range r.gaps {
		record(ctx, m, semconv.MetricVoiceMediaGapDuration(), d.Seconds())
	}
	lost := semconv.MetricVoiceMediaPacketLost()
	if c, err := m.Int64UpDownCounter(lost.Name, metric.WithUnit(lost.Unit), metric.WithDescription(lost.Description)); err == nil && r.call.Missing() > 0 {
		c.Add(ctx, r.call.Missing())
	}
}

// count adds to a counter. An instrument fails only for a name that is not valid, and then does nothing.
func count(ctx context.Context, m metric.Meter, def semconv.Metric, n int64) {
	if c, err := m.Int64Counter(def.Name, metric.WithUnit(def.Unit), metric.WithDescription(def.Description)); err == nil && n > 0 {
		c.Add(ctx, n)
	}
}

// record records a value of a histogram.
func record(ctx context.Context, m metric.Meter, def semconv.Metric, value float64) {
	h, err := m.Float64Histogram(def.Name, metric.WithUnit(def.Unit), metric.WithDescription(def.Description),
		metric.WithExplicitBucketBoundaries(def.Buckets...))
	if err == nil {
		h.Record(ctx, value)
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

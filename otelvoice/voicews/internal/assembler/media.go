// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"time"

	"github.com/voice-agents/telemetry/internal/media"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
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
		t.isNumbered = e.Media.HasTimestamp && length > 0
	}
}

// end records the metrics of a call.
func (r *reception) end(meter vendorcall.Meter) {
	if meter == nil || r.call.Received() == 0 {
		return
	}
	meter.Media(&vendorcall.Media{
		Packets: r.call.Received(), Lost: r.call.Missing(), OutOfOrder: r.call.OutOfOrder(), Jitter: r.call.Jitter(), Gaps: r.gaps,
	})
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
	)
	if t.isNumbered {
		t.handle.SetAttributes(semconv.VoiceMediaPacketLost(int(m.Missing())))
	}
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

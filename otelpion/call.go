// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelpion

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/media"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// call is the telemetry of a session's PeerConnections.
type call struct {
	config  config
	ctx     context.Context //nolint:containedctx // Has the session, for metrics; never canceled.
	span    trace.Span      // Of the session; nil if its end cannot be seen.
	metrics *metrics
	speech  speech
	ended   atomic.Bool

	mu       sync.Mutex
	streams  []*inbound
	past     sums // Of streams that were removed.
	rtt      time.Duration
	recorded time.Time // When the round trip was recorded.
	turns    []*openTurn
}

// openTurn is a turn that has not ended.
type openTurn struct {
	before sums
	gaps   media.Gaps
}

func newCall(session *otelvoice.Session, config config) *call {
	c := &call{config: config, ctx: session.Context(context.Background()), metrics: newMetrics(session.Telemetry())}
	c.speech.pause = config.pause
	// The session has no function that reports its end, but a recorded span does. In a turn, the
	// context has the turn's span.
	if span := trace.SpanFromContext(c.ctx); span.IsRecording() && otelvoice.TurnFromContext(c.ctx) == nil {
		c.span = span
	}
	session.OnTurn(c.observe)
	return c
}

// hasEnded reports whether the session has ended, and remembers it.
func (c *call) hasEnded() bool {
	if c.span != nil && !c.span.IsRecording() {
		c.ended.Store(true)
	}
	return c.ended.Load()
}

// add adds a stream. It returns false if the session has ended.
func (c *call) add(in *inbound) bool {
	if c.hasEnded() {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.streams = append(c.streams, in)
	return true
}

// remove adds the counts of a stream to those of the call and removes it, because a PeerConnection
// may have many streams one after the other.
func (c *call) remove(in *inbound) {
	c.record(in)
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.Index(c.streams, in)
	if i < 0 {
		return
	}
	c.streams = slices.Delete(c.streams, i, i+1)
	in.mu.Lock()
	in.removed = true
	last := in.current()
	in.mu.Unlock()
	last.jitter = 0 // Jitter is that of current streams.
	c.past.add(last)
}

// sums returns the sums of all streams.
func (c *call) sums() (sum sums, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	sum = c.past
	for _, in := range c.streams {
		sum.add(in.sums())
	}
	return sum, len(c.streams) > 0 || sum.received > 0
}

// record records in the metrics what arrived since the last call.
func (c *call) record(in *inbound) {
	c.hasEnded() // What arrived before is recorded, and later packets are not counted.
	in.mu.Lock()
	m, before := in.current(), in.recorded
	in.recorded = m
	in.mu.Unlock()
	if n := m.received - before.received; n > 0 {
		c.metrics.packets.Add(c.ctx, n)
	}
	if n := m.lost - before.lost; n != 0 {
		c.metrics.lost.Add(c.ctx, n)
	}
	if m.received > max(1, before.received) { // The jitter of one packet is unknown.
		c.metrics.jitters.Record(c.ctx, m.jitter)
	}
}

// gap records a time without audio.
func (c *call) gap(d time.Duration) {
	if c.hasEnded() {
		return
	}
	c.mu.Lock()
	for _, turn := range c.turns {
		turn.gaps.Waited(d)
	}
	c.mu.Unlock()
	c.metrics.gaps.Record(c.ctx, d.Seconds())
}

// roundTrip keeps a round-trip time, and records one every five seconds.
func (c *call) roundTrip(rtt time.Duration, now time.Time) {
	if c.hasEnded() {
		return
	}
	c.mu.Lock()
	c.rtt = rtt
	due := c.recorded.IsZero() || now.Sub(c.recorded) >= mediaInterval
	if due {
		c.recorded = now
	}
	c.mu.Unlock()
	if due {
		c.metrics.roundTrips.Record(c.ctx, rtt.Seconds())
	}
}

// observe observes a turn: it returns a function that sets the attributes of the user's audio.
func (c *call) observe(turn *otelvoice.Turn) func() {
	open := &openTurn{}
	open.before, _ = c.sums()
	c.mu.Lock()
	c.turns = append(c.turns, open)
	c.mu.Unlock()
	if !c.config.unmarks {
		c.speech.started(turn)
	}
	return func() {
		c.speech.ended(turn)
		turn.SetAttributes(c.close(open)...)
	}
}

// close returns the attributes of a turn that ends.
func (c *call) close(open *openTurn) (attrs []attribute.KeyValue) {
	after, known := c.sums()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turns = slices.DeleteFunc(c.turns, func(t *openTurn) bool { return t == open })
	if known {
		n := after.received - open.before.received
		attrs = append(attrs, semconv.VoiceMediaPacketCount(int(n)),
			semconv.VoiceMediaPacketLost(int(max(0, after.lost-open.before.lost))))
		if n > 0 && after.jitter > 0 {
			attrs = append(attrs, semconv.VoiceMediaJitter(after.jitter))
		}
	}
	if g := open.gaps; g.Count > 0 {
		attrs = append(attrs, semconv.VoiceMediaGapCount(int(g.Count)),
			semconv.VoiceMediaGapLongest(g.Longest.Seconds()), semconv.VoiceMediaGapTotal(g.Total.Seconds()))
	}
	if c.rtt > 0 {
		attrs = append(attrs, semconv.VoiceMediaRoundTripTime(c.rtt.Seconds()))
	}
	return attrs
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// A Hold is a time in which the user is on hold. It is safe for concurrent use, and methods on a nil Hold do
// nothing.
type Hold struct {
	session *Session
	start   time.Time
}

// Hold records that the user was put on hold: the event voice.hold.started, a log line, and voice.hold.count
// and voice.hold.duration on the session. [Hold.End] ends it; a session that ends first ends it as well.
// While several holds are open, the time counts once on the session.
//
// After the session's end, and while 64 transfers and holds of it are open, Hold returns nil.
func (s *Session) Hold() *Hold {
	if s == nil {
		return nil
	}
	h := &Hold{session: s, start: time.Now()}
	if !s.begin(semconv.VoiceHoldCountKey, "a hold", h, h.record, func(f *sessionFacts) { f.holds.add(h.start, s) }) {
		return nil
	}
	s.happened(h.start, semconv.EventVoiceHoldStarted, "hold started")
	return h
}

// End records that the user is no longer on hold: the event voice.hold.ended and a log line with the
// seconds, and the metric voice.hold.duration. Only the first End counts.
func (h *Hold) End() {
	if h == nil {
		return
	}
	f, now := &h.session.facts, time.Now()
	f.mu.Lock()
	_, first := f.open[h]
	if first {
		delete(f.open, h)
		f.holds.remove(now, h.session)
	}
	f.mu.Unlock()
	if first {
		h.record(now)
	}
}

func (h *Hold) record(now time.Time) {
	s := h.session
	seconds := max(now.Sub(h.start), 0).Seconds()
	s.happened(now, semconv.EventVoiceHoldEnded, "hold ended", semconv.VoiceHoldDuration(seconds))
	s.count(func() { s.tel.emit.Metrics.Held(s.ctx, s.config.channel, seconds) })
}

// holds is the time for which a session was on hold.
type holds struct {
	count, open int
	since       time.Time // When it was put on hold, if any is open.
	held        time.Duration
}

func (h *holds) add(now time.Time, in *Session) {
	h.count++
	h.open++
	if h.open == 1 {
		h.since = now
		in.onHold(now, true)
	}
}

func (h *holds) remove(now time.Time, in *Session) {
	h.open--
	if h.open == 0 {
		h.held += max(now.Sub(h.since), 0)
		in.onHold(now, false)
	}
}

// attributes appends the attributes of a session that ends now.
func (h *holds) attributes(now time.Time, attrs []attribute.KeyValue) []attribute.KeyValue {
	if h.count == 0 {
		return attrs
	}
	held := h.held
	if h.open > 0 {
		held += max(now.Sub(h.since), 0)
	}
	return append(attrs, semconv.VoiceHoldCount(h.count), semconv.VoiceHoldDuration(held.Seconds()))
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"sync"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
	"github.com/voice-agents/telemetry/semconv"
)

// WithHeartbeat writes an INFO line "session open" for each open session at each interval, with
// its turns so far, what it does and since when. A process that is killed thus leaves a trace of its
// open calls. The interval counts from the first session that is open; a session that is younger
// than an interval has no line yet. The record has the event name voice.session.heartbeat.
//
// The default is a minute: most calls are over by then and have no such line, and a longer one has
// one beside the dozens of lines of its turns. One timer serves all sessions, and runs only while
// one is open. A session that is never ended has a line at each interval until Shutdown. An interval
// of 0 or below is no lines.
func WithHeartbeat(interval time.Duration) Option {
	return optionFunc(func(c config) config { c.heartbeat = max(interval, 0); return c })
}

// WithoutHeartbeat writes no lines about open sessions.
func WithoutHeartbeat() Option { return WithHeartbeat(0) }

// A heartbeat is the timer of the lines about open sessions.
type heartbeat struct {
	interval time.Duration // 0 is none.

	mu      sync.Mutex
	timer   *time.Timer
	stopped bool // For good.
	isBusy  bool // Lines are being written.
}

// start starts the timer if it does not run.
func (h *heartbeat) start(t *Telemetry) {
	if h.interval == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.timer == nil && !h.stopped {
		h.timer = time.AfterFunc(h.interval, t.beat)
	}
}

// next starts the timer again, or lets it rest until the next session.
func (h *heartbeat) next(isNeeded bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.stopped:
	case isNeeded:
		h.timer.Reset(h.interval)
	default:
		h.timer = nil
	}
}

// stop stops the timer for good.
func (h *heartbeat) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped = true
	if h.timer != nil {
		h.timer.Stop()
	}
}

// begin reports whether lines can be written: not while an output holds up those of the last interval.
func (h *heartbeat) begin() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	begins := !h.isBusy && !h.stopped
	h.isBusy = h.isBusy || begins
	return begins
}

func (h *heartbeat) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.isBusy = false
}

// beat writes the lines. The next interval begins first, so that slow outputs do not delay it.
func (t *Telemetry) beat() {
	open := t.sessions.all()
	t.heartbeat.next(len(open) > 0)
	if len(open) == 0 && len(t.sessions.all()) > 0 {
		t.heartbeat.start(t) // A session started meanwhile.
	}
	if !t.heartbeat.begin() {
		return
	}
	defer t.heartbeat.end()
	for _, s := range open {
		s.beat()
	}
}

// beat writes the line of one session.
func (s *Session) beat() {
	defer s.tel.emit.Guard.Recovered(guard.Instruments)
	now := time.Now()
	of, open := s.Snapshot()
	if !open || now.Sub(of.Start) < s.tel.heartbeat.interval {
		return
	}
	attrs := append(s.identityAttributes(),
		semconv.VoiceSessionTurnCount(of.Turns),
		semconv.VoiceDuration(now.Sub(of.Start).Seconds()),
		semconv.VoiceSessionState(string(of.State)))
	if !of.Since.IsZero() && !of.Since.After(now) {
		attrs = append(attrs, semconv.VoiceSessionStateDuration(now.Sub(of.Since).Seconds()))
	}
	if since, known := s.silentSince(); known && !since.After(now) {
		if since.IsZero() {
			since = now // Somebody speaks.
		}
		attrs = append(attrs, semconv.VoiceSessionTimeSinceSpeech(now.Sub(since).Seconds()))
	}
	s.tel.emit.Log.Heartbeat(s.ctx, "session open", attrs...)
}

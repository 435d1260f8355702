// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package reply

import (
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/audioclock"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// An onset marks when the agent is heard: when the first audible sample of a reply plays. Many
// voices begin with 50 to 200 ms of silence, for which the user still waits.
//
// Audio without a constant rate counts as audible. If no sample of a reply is audible, its first
// frame counts: a voice may be quieter than what counts as silence. A reply that is cut in its
// leading silence is not heard.
type onset struct {
	turn    *otelvoice.Turn
	playout audioclock.Playout
	size    int64
	first   time.Time   // When the first frame began to play.
	at      time.Time   // When the first audible sample plays; zero while none is known.
	timer   *time.Timer // Until then; nil if the time is over.
	marked  bool
}

// begin takes a frame that is about to play.
func (o *onset) begin(f voiceprovider.Frame, now time.Time) {
	if o.first.IsZero() {
		o.first = now
	}
	if o.at.IsZero() {
		if o.at = now; f.Duration() > 0 {
			o.at = o.playout.Add(audioclock.Format(f.Format), f.Data, o.size, o.first, now)
		}
		o.size += int64(len(f.Data))
	}
	switch {
	case o.marked || o.at.IsZero():
	case !o.at.After(now):
		o.mark()
	case o.timer == nil:
		o.timer = time.NewTimer(o.at.Sub(now))
	}
}

// due returns a channel that is ready when the agent is heard, or nil.
func (o *onset) due() <-chan time.Time {
	if o.timer == nil {
		return nil
	}
	return o.timer.C
}

// mark marks the agent's start.
func (o *onset) mark() {
	o.stop()
	o.marked = true
	o.turn.MarkAt(otelvoice.AgentStarted, o.at)
}

func (o *onset) stop() {
	if o.timer != nil {
		o.timer.Stop()
		o.timer = nil
	}
}

// leading is the longest silence that a voice begins with.
const leading = 250 * time.Millisecond

// end marks the agent's stop, if the agent was heard. all says that all audio was played: an
// output that buffers has then taken what is not audible yet.
func (o *onset) end(all bool, now time.Time) {
	o.stop()
	if o.first.IsZero() {
		return
	}
	silent := o.at.IsZero()
	if silent {
		o.at = o.first
	}
	if !o.marked && (all || silent && now.Sub(o.first) > leading) {
		o.mark()
	}
	if !o.marked {
		return
	}
	if o.at.After(now) {
		now = o.at
	}
	o.turn.MarkAt(otelvoice.AgentStopped, now)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package floor measures who has the floor in a conversation: talk, overlap, silence and dead
// air, from the intervals in which each side speaks. It reads no clock and records nothing.
package floor

import (
	"slices"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
)

// DefaultDeadAir is the longest silence that is not dead air. It is about twice a slow
// answer of an agent. The silence analysis of Google's contact centre begins at 5 s.
const DefaultDeadAir = 3 * time.Second

// A Side is a side of the conversation.
type Side int

// The sides.
const (
	User Side = iota
	Agent
	sides

	away    = sides     // Not a side: the user is on hold.
	streams = sides + 1 // What intervals are of.
)

// maxIntervals bounds how many intervals of a side are held. Beyond it the older half is folded
// into the sums.
const maxIntervals = 64

// maxPending bounds how many interruptions wait for the speech that interrupted.
const maxPending = 16

// A Floor adds up who speaks. The zero Floor is empty and counts no dead air. It is not safe for
// concurrent use. Its memory is bounded.
type Floor struct {
	// DeadAir is the bound of a silence. A silence that is longer is dead air. 0 counts none.
	DeadAir time.Duration

	held    [streams][]interval // Disjoint, by start.
	works   []work
	pending []time.Time // Interruptions whose speech was not added yet.
	left    time.Time   // Since when the user is away. The zero time if the user is not.
	folded  time.Time   // Everything before is in sums. The zero time if nothing is.
	sums    sweep
}

// interval is a time in which a side speaks: from is in it, to is not.
type interval struct {
	from, to   time.Time
	interrupts bool // The user interrupted the agent with it.
}

// Add adds an interval in which a side speaks. Intervals may come in any order and overlap. An
// interval whose end is not after its start, as of a clock that jumped, or that has an unknown
// end is ignored. What lies before the folded intervals is ignored too.
func (f *Floor) Add(side Side, from, to time.Time) {
	if side >= 0 && side < sides {
		f.add(side, from, to)
	}
}

// Leave records that the user is away from an instant on, such as on hold: nobody is expected to speak, and
// it is no silence. It lasts until Return, or else until the last speech. A second Leave changes nothing.
func (f *Floor) Leave(at time.Time) {
	if f.left.IsZero() {
		f.left = at
	}
}

// Return records that the user is back.
func (f *Floor) Return(at time.Time) {
	f.awayUntil(at)
	f.left = time.Time{}
}

// awayUntil adds the time in which the user, who is still away, was away.
func (f *Floor) awayUntil(at time.Time) {
	if from := f.left; !from.IsZero() && from.Before(at) {
		f.left = at
		f.add(away, from, at)
	}
}

// Interrupt records that the user's speech at an instant interrupted the agent, so that it is no
// backchannel. The speech may be added later.
func (f *Floor) Interrupt(at time.Time) {
	for i := range f.held[User] {
		if in := &f.held[User][i]; in.contains(at) {
			in.interrupts = true
			return
		}
	}
	if len(f.pending) == maxPending {
		f.pending = slices.Delete(f.pending, 0, 1)
	}
	f.pending = append(f.pending, at)
}

func (f *Floor) add(of Side, from, to time.Time) {
	f.merge(of, from, to)
	if n := len(f.held[of]); n > maxIntervals {
		f.fold(f.held[of][n/2].to)
	}
}

// merge adds an interval to those of a side.
func (f *Floor) merge(of Side, from, to time.Time) {
	if from.IsZero() || to.IsZero() {
		return
	}
	if from.Before(f.folded) {
		from = f.folded
	}
	if !from.Before(to) {
		return
	}
	held := f.held[of]
	first := 0
	for first < len(held) && held[first].to.Before(from) {
		first++
	}
	whole, after := interval{from: from, to: to}, first
	for after < len(held) && !held[after].from.After(to) {
		whole.from, whole.to = earlier(whole.from, held[after].from), later(whole.to, held[after].to)
		whole.interrupts = whole.interrupts || held[after].interrupts
		after++
	}
	if of == User && len(f.pending) > 0 {
		f.pending = slices.DeleteFunc(f.pending, func(at time.Time) bool {
			whole.interrupts = whole.interrupts || whole.contains(at)
			return whole.contains(at)
		})
	}
	f.held[of] = slices.Replace(held, first, after, whole)
}

func (i interval) contains(at time.Time) bool { return !at.Before(i.from) && !at.After(i.to) }

// fold moves what lies before until into the sums, and the intervals that last longer than that.
func (f *Floor) fold(until time.Time) {
	for grown := true; grown; {
		grown = false
		for _, held := range f.held {
			for _, i := range held {
				if i.from.Before(until) && i.to.After(until) {
					until, grown = i.to, true
				}
			}
		}
	}
	if from := f.left; !from.IsZero() && from.Before(until) {
		f.left = until
		f.merge(away, from, until)
	}
	var older [streams][]interval
	for of, held := range f.held {
		n := 0
		for n < len(held) && !held[n].to.After(until) {
			n++
		}
		older[of] = held[:n]
	}
	f.sums.run(older, f.works, f.DeadAir)
	for of := range f.held {
		f.held[of] = slices.Delete(f.held[of], 0, len(older[of]))
	}
	f.works = slices.DeleteFunc(f.works, func(w work) bool { return !w.to.After(until) })
	f.folded = until
}

// Sums returns the sums of all intervals added.
func (f *Floor) Sums() Sums {
	f.awayUntil(f.LastSpeech())
	s := f.sums
	s.run(f.held, f.works, f.DeadAir)
	return s.Sums
}

// LastSpeech returns when the last speech ended. It returns the zero time if nobody spoke.
func (f *Floor) LastSpeech() time.Time {
	last := f.sums.LastSpeech
	for _, held := range f.held[:sides] {
		if n := len(held); n > 0 {
			last = later(last, held[n-1].to)
		}
	}
	return last
}

// AppendSpeech appends the intervals of a side that end after an instant, as far as they are held.
func (f *Floor) AppendSpeech(to []latency.Speech, side Side, after time.Time) []latency.Speech {
	for _, i := range f.held[side] {
		if i.to.After(after) {
			to = append(to, latency.Speech{From: i.from, To: i.to})
		}
	}
	return to
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

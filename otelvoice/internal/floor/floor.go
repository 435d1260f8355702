// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package floor measures who has the floor in a conversation: talk, overlap, silence and dead
// air, from the intervals in which each side speaks.
package floor

import (
	"slices"
	"time"
)

// A Side is a side of the conversation.
type Side int

// The sides.
const (
	User Side = iota
	Agent
	sides
)

// maxIntervals bounds how many intervals of a side are held. Beyond it the oldest are folded
// into the sums.
const maxIntervals = 64

// A Floor adds up who speaks. The zero Floor is empty and counts no dead air. It is not safe for
// concurrent use. Its memory is bounded.
type Floor struct {
	// DeadAir is the bound of a silence. A silence that is longer is dead air. 0 counts none.
	DeadAir time.Duration

	held   [sides][]interval // Disjoint, by start.
	folded time.Time         // Everything before is in sums. The zero time if nothing is.
	sums   Sums
}

// interval is a time in which a side speaks: from is in it, to is not.
type interval struct{ from, to time.Time }

// Sums are what a Floor measured. Silence is between the first and the last speech.
type Sums struct {
	Talk      [sides]time.Duration // By Side. Overlapping intervals of a side count once.
	Monologue [sides]time.Duration // The longest interval of a side, overlaps merged.
	Overlap   time.Duration        // Both sides speak.
	Silence   time.Duration        // Nobody speaks.

	DeadAirs       int           // Silences longer than the bound.
	DeadAir        time.Duration // Their sum.
	LongestDeadAir time.Duration
	DeadAirSince   time.Time // When the longest began. The first of equals counts.

	LastSpeech time.Time // When the last speech ended. The zero time if nobody spoke.
}

// AgentRatio returns the agent's part of the talk, from 0 to 1, and whether anybody spoke.
func (s Sums) AgentRatio() (ratio float64, ok bool) {
	all := s.Talk[User] + s.Talk[Agent]
	if all == 0 {
		return 0, false
	}
	return float64(s.Talk[Agent]) / float64(all), true
}

// Add adds an interval in which a side speaks. Intervals may come in any order and overlap. An
// interval whose end is not after its start, as of a clock that jumped, or that has an unknown
// end is ignored. What lies before the folded intervals is ignored too.
func (f *Floor) Add(side Side, from, to time.Time) {
	if side < 0 || side >= sides || from.IsZero() || to.IsZero() {
		return
	}
	if from.Before(f.folded) {
		from = f.folded
	}
	if !from.Before(to) {
		return
	}
	held := f.held[side]
	first := 0
	for first < len(held) && held[first].to.Before(from) {
		first++
	}
	after := first
	for after < len(held) && !held[after].from.After(to) {
		from, to = earlier(from, held[after].from), later(to, held[after].to)
		after++
	}
	f.held[side] = slices.Replace(held, first, after, interval{from, to})
	if len(f.held[side]) > maxIntervals {
		f.fold(f.held[side][0].to)
	}
}

// fold moves what lies before until, when a speech ends, into the sums.
func (f *Floor) fold(until time.Time) {
	f.sums = f.until(until)
	f.folded = until
	for side, held := range f.held {
		f.held[side] = slices.DeleteFunc(held, func(i interval) bool { return !i.to.After(until) })
	}
}

// Sums returns the sums of all intervals added.
func (f *Floor) Sums() Sums {
	var end time.Time
	for _, held := range f.held {
		if n := len(held); n > 0 {
			end = later(end, held[n-1].to)
		}
	}
	return f.until(end)
}

// until returns the sums of what lies before end.
func (f *Floor) until(end time.Time) Sums {
	s := f.sums
	users, agents := f.held[User], f.held[Agent]
	for len(users)+len(agents) > 0 {
		var side Side
		var next interval
		if len(agents) == 0 || len(users) > 0 && !agents[0].from.Before(users[0].from) {
			side, next, users = User, users[0], users[1:]
		} else {
			side, next, agents = Agent, agents[0], agents[1:]
		}
		from, to := later(next.from, f.folded), earlier(next.to, end)
		if !from.Before(to) {
			continue
		}
		s.Talk[side] += to.Sub(from)
		s.Monologue[side] = max(s.Monologue[side], to.Sub(next.from))
		switch {
		case s.LastSpeech.IsZero():
		case from.After(s.LastSpeech):
			s.silent(s.LastSpeech, from.Sub(s.LastSpeech), f.DeadAir)
		default:
			// Intervals of a side are disjoint: what is spoken already is the other side's.
			s.Overlap += earlier(to, s.LastSpeech).Sub(from)
		}
		s.LastSpeech = later(s.LastSpeech, to)
	}
	return s
}

func (s *Sums) silent(since time.Time, d, bound time.Duration) {
	s.Silence += d
	if bound <= 0 || d <= bound {
		return
	}
	s.DeadAirs++
	s.DeadAir += d
	if d > s.LongestDeadAir {
		s.LongestDeadAir, s.DeadAirSince = d, since
	}
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

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package floor

import (
	"slices"
	"time"
)

// Sums are what a Floor measured. Silence is between the first and the last speech.
type Sums struct {
	Talk      [sides]time.Duration // By Side. Overlapping intervals of a side count once.
	Monologue [sides]time.Duration // The longest interval of a side, overlaps merged.
	Overlap   time.Duration        // Both sides speak.
	Silence   time.Duration        // Nobody speaks.

	AgentInterruptions int           // The agent started while the user spoke.
	AgentOverlap       time.Duration // How long both spoke from then on.
	// Backchannels are how often the user spoke within the agent's speech and did not interrupt it.
	Backchannels int

	DeadAirs        int           // Silences longer than the bound.
	DeadAir         time.Duration // Their sum.
	ByActivity      [activities]DeadAir
	LongestDeadAir  time.Duration
	LongestActivity Activity  // Of the longest, as DeadAirSince.
	DeadAirSince    time.Time // When the longest began. The first of equals counts.

	LastSpeech time.Time // When the last speech ended. The zero time if nobody spoke.
}

// A DeadAir is the dead air of an activity.
type DeadAir struct {
	Count    int
	Duration time.Duration
}

// AgentRatio returns the agent's part of the talk, from 0 to 1, and whether anybody spoke.
func (s Sums) AgentRatio() (ratio float64, ok bool) {
	all := s.Talk[User] + s.Talk[Agent]
	if all == 0 {
		return 0, false
	}
	return float64(s.Talk[Agent]) / float64(all), true
}

// Plus returns the sums of a conversation and of its next part. The time between them is no silence.
func (s Sums) Plus(next Sums) Sums {
	for side := range sides {
		s.Talk[side] += next.Talk[side]
		s.Monologue[side] = max(s.Monologue[side], next.Monologue[side])
	}
	s.Overlap += next.Overlap
	s.Silence += next.Silence
	s.AgentInterruptions += next.AgentInterruptions
	s.AgentOverlap += next.AgentOverlap
	s.Backchannels += next.Backchannels
	s.DeadAirs += next.DeadAirs
	s.DeadAir += next.DeadAir
	for a := range activities {
		s.ByActivity[a].Count += next.ByActivity[a].Count
		s.ByActivity[a].Duration += next.ByActivity[a].Duration
	}
	if next.LongestDeadAir > s.LongestDeadAir {
		s.LongestDeadAir, s.LongestActivity, s.DeadAirSince = next.LongestDeadAir, next.LongestActivity, next.DeadAirSince
	}
	s.LastSpeech = later(s.LastSpeech, next.LastSpeech)
	return s
}

// A sweep goes through intervals in the order of time. Its sums are those so far.
type sweep struct {
	Sums

	covered time.Time // The end of all speech and holds so far.
	speaker Side      // Who spoke last.
	current [sides]interval
	// before are the silences before holds. They count if somebody speaks again.
	before []interval
}

// run adds intervals, which start after those that were added before.
func (s *sweep) run(held [streams][]interval, works []work, bound time.Duration) {
	for {
		of, found := Side(0), false
		for i := range streams {
			if len(held[i]) > 0 && (!found || held[i][0].from.Before(held[of][0].from)) {
				of, found = i, true
			}
		}
		if !found {
			return
		}
		next := held[of][0]
		held[of] = held[of][1:]
		switch {
		case of != away:
			s.speak(of, next, works, bound)
		case !s.LastSpeech.IsZero() && next.from.After(s.covered):
			s.before = append(slices.Clip(s.before), interval{from: s.covered, to: next.from})
		}
		s.covered = later(s.covered, next.to)
	}
}

// speak adds the speech of a side.
func (s *sweep) speak(side Side, next interval, works []work, bound time.Duration) {
	d := next.to.Sub(next.from)
	s.Talk[side] += d
	s.Monologue[side] = max(s.Monologue[side], d)
	for _, i := range s.before {
		s.silent(i.from, i.to, works, bound)
	}
	s.before = nil
	if !s.LastSpeech.IsZero() && next.from.After(s.covered) {
		s.silent(s.covered, next.from, works, bound)
	}
	// Intervals of a side are disjoint, so that only the other side can still speak.
	if other := s.current[User+Agent-side]; other.to.After(next.from) {
		both := earlier(next.to, other.to).Sub(next.from)
		s.Overlap += both
		switch {
		case !next.from.After(other.from): // They started at once.
		case side == Agent:
			s.AgentInterruptions++
			s.AgentOverlap += both
		case !next.interrupts && next.to.Before(other.to):
			s.Backchannels++
		}
	}
	s.current[side] = next
	if next.to.After(s.LastSpeech) {
		s.LastSpeech, s.speaker = next.to, side
	}
}

// silent adds a silence.
func (s *sweep) silent(since, to time.Time, works []work, bound time.Duration) {
	d := to.Sub(since)
	s.Silence += d
	if bound <= 0 || d <= bound {
		return
	}
	activity := doing(works, since, to, s.speaker)
	s.DeadAirs++
	s.DeadAir += d
	s.ByActivity[activity].Count++
	s.ByActivity[activity].Duration += d
	if d > s.LongestDeadAir {
		s.LongestDeadAir, s.LongestActivity, s.DeadAirSince = d, activity, since
	}
}

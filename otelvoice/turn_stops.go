// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"cmp"
	"slices"
	"time"
)

// turnStops is the ends of the user's speech in the turns of a session that have ended. A turn
// whose own end of speech is not after those of the turns before it has an anchor left over.
// Turns may overlap and end in any order: it is their numbers that count.
type turnStops struct {
	newest []turnStop // In the order of the turns' numbers.
}

type turnStop struct {
	index int
	at    time.Time
}

// maxTurnStops bounds how many turns are remembered. A turn is compared with those before it;
// one that overlaps more turns than these is not compared with the oldest.
const maxTurnStops = 32

// add remembers when the user stopped speaking in a turn. The zero time is unknown.
func (s *turnStops) add(index int, at time.Time) {
	if at.IsZero() {
		return
	}
	i, _ := slices.BinarySearchFunc(s.newest, index, func(e turnStop, index int) int { return cmp.Compare(e.index, index) })
	s.newest = slices.Insert(s.newest, i, turnStop{index, at})
	if len(s.newest) > maxTurnStops {
		s.newest = slices.Delete(s.newest, 0, 1)
	}
}

// before returns the latest end of speech in the turns before a turn, or the zero time.
func (s *turnStops) before(index int) (latest time.Time) {
	for _, stop := range s.newest {
		if stop.index < index && stop.at.After(latest) {
			latest = stop.at
		}
	}
	return latest
}

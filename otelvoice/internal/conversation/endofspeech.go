// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"cmp"
	"slices"
	"time"
)

// endsOfSpeech holds when the user stopped speaking in the turns that have ended. A turn whose
// end of speech is not after those of earlier turns has the anchor of an earlier turn. Turns
// may overlap and end in any order; their numbers define which is earlier.
type endsOfSpeech struct {
	newest []endOfSpeech // By turn.
}

type endOfSpeech struct {
	turn int
	at   time.Time
}

// maxEndsOfSpeech bounds how many turns are kept. A turn that overlaps more turns is not
// compared with the oldest of them.
const maxEndsOfSpeech = 32

// add adds the end of speech of a turn. The zero time is unknown.
func (s *endsOfSpeech) add(turn int, at time.Time) {
	if at.IsZero() {
		return
	}
	i, _ := slices.BinarySearchFunc(s.newest, turn, func(e endOfSpeech, turn int) int { return cmp.Compare(e.turn, turn) })
	s.newest = slices.Insert(s.newest, i, endOfSpeech{turn, at})
	if len(s.newest) > maxEndsOfSpeech {
		s.newest = slices.Delete(s.newest, 0, 1)
	}
}

// before returns the latest end of speech in the turns before a turn, or the zero time.
func (s *endsOfSpeech) before(turn int) (latest time.Time) {
	for _, e := range s.newest {
		if e.turn < turn && e.at.After(latest) {
			latest = e.at
		}
	}
	return latest
}

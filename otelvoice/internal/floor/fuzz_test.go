// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package floor

import (
	"testing"
	"time"
)

// FuzzFloor compares the sums with those of a grid of 1 ms.
func FuzzFloor(f *testing.F) {
	f.Add([]byte{0, 0, 20, 1, 10, 30, 0, 60, 5, 1, 61, 0, 2, 70, 20, 1, 95, 4})
	f.Fuzz(func(t *testing.T, data []byte) {
		data = data[:min(len(data), 3*maxIntervals)]
		floor := Floor{DeadAir: 3 * time.Millisecond}
		var g grid
		for ; len(data) >= 3; data = data[3:] {
			of, from, d := Side(data[0]%byte(streams)), int(data[1])+1, int(int8(data[2]))
			floor.add(of, at(from), at(from+d))
			for i := from; i < from+d; i++ {
				g[of][i] = true
			}
		}
		got, want := floor.Sums(), g.sums(3)
		got.ByActivity, got.LongestActivity = want.ByActivity, want.LongestActivity
		if got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
}

type grid [streams][512]bool

func (g *grid) sums(bound int) (s Sums) {
	const ms = time.Millisecond
	last := 511
	for last >= 0 && !g[User][last] && !g[Agent][last] {
		last--
	}
	if last < 0 {
		return s
	}
	s.LastSpeech = at(last + 1)
	var run [sides]time.Duration
	begun, quiet := false, 0
	for i := 1; i <= last; i++ {
		for side := range sides {
			if !g[side][i] {
				run[side] = 0
				continue
			}
			begun = true
			run[side] += ms
			s.Talk[side] += ms
			s.Monologue[side] = max(s.Monologue[side], run[side])
		}
		user, agent := g[User][i], g[Agent][i]
		if user && agent {
			s.Overlap += ms
			if g[User][i-1] && !g[Agent][i-1] {
				s.AgentInterruptions++
				for k := i; g[User][k] && g[Agent][k]; k++ {
					s.AgentOverlap += ms
				}
			}
			if g[Agent][i-1] && !g[User][i-1] && g.within(i) {
				s.Backchannels++
			}
		}
		if !user && !agent && !g[away][i] && begun {
			quiet++
			s.Silence += ms
			continue
		}
		if d := time.Duration(quiet) * ms; quiet > bound {
			s.DeadAirs++
			s.DeadAir += d
			if d > s.LongestDeadAir {
				s.LongestDeadAir, s.DeadAirSince = d, at(i-quiet)
			}
		}
		quiet = 0
	}
	return s
}

// within reports whether the user's speech from i ends before the agent's.
func (g *grid) within(i int) bool {
	for g[User][i] && g[Agent][i] {
		i++
	}
	return g[Agent][i]
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package floor

import (
	"testing"
	"time"
)

var origin = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

func at(ms int) time.Time { return origin.Add(time.Duration(ms) * time.Millisecond) }

func TestCall(t *testing.T) {
	f := Floor{DeadAir: 3 * time.Second}
	// The user speaks 0-2 s and 9-12 s, the agent 3-5 s and 11-15 s; they come out of order.
	f.Add(Agent, at(11_000), at(15_000))
	f.Add(User, at(9_000), at(12_000))
	f.Add(User, at(0), at(2_000))
	f.Add(Agent, at(3_000), at(5_000))
	f.Add(Agent, at(9_000), at(8_000)) // A clock that jumped.
	want := Sums{
		Talk:      [sides]time.Duration{5 * time.Second, 6 * time.Second}, // 2+3, 2+4
		Monologue: [sides]time.Duration{3 * time.Second, 4 * time.Second},
		Overlap:   time.Second,     // 11-12
		Silence:   5 * time.Second, // 2-3, 5-9
		DeadAirs:  1, DeadAir: 4 * time.Second, LongestDeadAir: 4 * time.Second, DeadAirSince: at(5_000),
		LastSpeech: at(15_000),
	}
	if got := f.Sums(); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestNobodySpoke(t *testing.T) {
	var f Floor
	if got := f.Sums(); got != (Sums{}) {
		t.Errorf("got %+v, want nothing", got)
	}
	if _, ok := f.Sums().AgentRatio(); ok {
		t.Error("a ratio of no talk")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	var f Floor
	const n = 10_000 // Each second: the user speaks 400 ms, the agent from 300 to 800 ms.
	for i := range n {
		f.Add(User, at(i*1000), at(i*1000+400))
		f.Add(Agent, at(i*1000+300), at(i*1000+800))
	}
	for _, held := range f.held {
		if len(held) > maxIntervals {
			t.Errorf("%d intervals are held", len(held))
		}
	}
	s, ms := f.Sums(), time.Millisecond
	if s.Talk != [sides]time.Duration{n * 400 * ms, n * 500 * ms} || s.Overlap != n*100*ms || s.Silence != (n-1)*200*ms ||
		s.Monologue != [sides]time.Duration{400 * ms, 500 * ms} {
		t.Errorf("got %+v", s)
	}
}

func TestLateIntervalsAreCut(t *testing.T) {
	var f Floor
	for i := range maxIntervals + 1 { // The first second is folded.
		f.Add(User, at(i*2000), at(i*2000+1000))
	}
	before := f.Sums()
	f.Add(Agent, at(0), at(900))
	if got := f.Sums(); got != before {
		t.Errorf("an interval before the folded time counts: got %+v, want %+v", got, before)
	}
	f.Add(Agent, at(500), at(1500)) // 1-1.5 s is left of it, of the silence of 1-2 s.
	got, half := f.Sums(), time.Second/2
	if got.Talk[Agent] != half || got.Overlap != 0 || got.Silence != before.Silence-half {
		t.Errorf("got %+v after %+v", got, before)
	}
}

// FuzzFloor compares the sums with those of a grid of 1 ms.
func FuzzFloor(f *testing.F) {
	f.Add([]byte{0, 0, 20, 1, 10, 30, 0, 60, 5, 1, 61, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		data = data[:min(len(data), 3*maxIntervals)]
		floor := Floor{DeadAir: 3 * time.Millisecond}
		var grid [sides][512]bool
		for ; len(data) >= 3; data = data[3:] {
			side, from, d := Side(data[0]%2), int(data[1]), int(int8(data[2]))
			floor.Add(side, at(from), at(from+d))
			for i := from; i < from+d; i++ {
				grid[side][i] = true
			}
		}
		if got, want := floor.Sums(), ofGrid(grid, 3); got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
}

func ofGrid(grid [sides][512]bool, bound int) (s Sums) {
	const ms = time.Millisecond
	last := -1 // The end of the last speech.
	var run [sides]time.Duration
	for i := range 512 {
		for side := range sides {
			if !grid[side][i] {
				run[side] = 0
				continue
			}
			run[side] += ms
			s.Talk[side] += ms
			s.Monologue[side] = max(s.Monologue[side], run[side])
		}
		if !grid[User][i] && !grid[Agent][i] {
			continue
		}
		if grid[User][i] && grid[Agent][i] {
			s.Overlap += ms
		}
		if gap := i - last; last >= 0 && gap > 0 {
			d := time.Duration(gap) * ms
			s.Silence += d
			if gap > bound {
				s.DeadAirs++
				s.DeadAir += d
				if d > s.LongestDeadAir {
					s.LongestDeadAir, s.DeadAirSince = d, at(last)
				}
			}
		}
		last = i + 1
		s.LastSpeech = at(last)
	}
	return s
}

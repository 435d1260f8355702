// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package floor_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/floor"
)

func TestMeasure(t *testing.T) {
	user := func(from, to float64) floor.Interval { return floor.Interval{Side: floor.User, From: from, To: to} }
	agent := func(from, to float64) floor.Interval { return floor.Interval{Side: floor.Agent, From: from, To: to} }
	away := func(from, to float64) floor.Interval { return floor.Interval{Side: floor.Away, From: from, To: to} }
	for _, tt := range []struct {
		name      string
		intervals []floor.Interval
		want      floor.Sums
	}{
		{"no speech", nil, floor.Sums{}},
		{"one after the other", []floor.Interval{user(0, 2), agent(3, 5)}, floor.Sums{Talk: [2]float64{2, 2}, Silence: 1, Silences: []floor.Silence{{From: 2, To: 3, After: floor.User}}}},
		{"both at once", []floor.Interval{agent(3, 5), user(4, 6)}, floor.Sums{Talk: [2]float64{2, 2}, Overlap: 1}},
		{"a word within the agent's speech", []floor.Interval{agent(0, 10), user(4, 5)}, floor.Sums{Talk: [2]float64{1, 10}, Overlap: 1}},
		{"the same speech in two turns", []floor.Interval{user(0, 4), user(2, 5), agent(3, 6)}, floor.Sums{Talk: [2]float64{5, 3}, Overlap: 2}},
		{"on hold", []floor.Interval{user(0, 1), away(3, 9), agent(10, 11)}, floor.Sums{Talk: [2]float64{1, 1}, Silence: 3, Silences: []floor.Silence{{From: 1, To: 3}, {From: 9, To: 10}}}},
		{"on hold to the end", []floor.Interval{user(0, 1), away(3, 9)}, floor.Sums{Talk: [2]float64{1, 0}}},
		{"on hold before all", []floor.Interval{away(0, 3), user(5, 6)}, floor.Sums{Talk: [2]float64{1, 0}}},
		{"before the call's start", []floor.Interval{user(-4, -2), agent(-1, 1)}, floor.Sums{Talk: [2]float64{2, 2}, Silence: 1, Silences: []floor.Silence{{From: -2, To: -1}}}},
		{"ends before its start", []floor.Interval{user(3, 2), agent(math.NaN(), 2)}, floor.Sums{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 4 { // In whatever order they come.
				if got := floor.Measure(tt.intervals); !reflect.DeepEqual(got, tt.want) {
					t.Errorf("\ngot  %+v\nwant %+v", got, tt.want)
				}
				rand.Shuffle(len(tt.intervals), func(i, j int) {
					tt.intervals[i], tt.intervals[j] = tt.intervals[j], tt.intervals[i]
				})
			}
		})
	}
}

func TestActivity(t *testing.T) {
	for _, tt := range []struct {
		name  string
		after floor.Side
		works []floor.Work
		want  string
	}{ // The silence is from 10 to 20.
		{"nothing, after the user", floor.User, nil, "idle"},
		{"nothing, after the agent", floor.Agent, nil, "listening"},
		{"a model", floor.User, []floor.Work{{"generation", 10, 19}}, "generation"},
		{"a model for 3 of 10", floor.User, []floor.Work{{"generation", 10, 13}}, "idle"},
		{"two works with as much time", floor.User, []floor.Work{{"generation", 15, 20}, {"transcription", 10, 15}}, "transcription"},
		{"a tool within the model's answer", floor.User, []floor.Work{{"generation", 10, 20}, {"tool", 12, 19}}, "tool"},
		{"a short tool within it", floor.User, []floor.Work{{"generation", 10, 20}, {"tool", 12, 14}}, "generation"},
		{"work outside of it", floor.User, []floor.Work{{"tool", 0, 10}, {"tool", 20, 40}}, "idle"},
		{"a recogniser that waits after the agent", floor.Agent, []floor.Work{{"transcription", 0, 40}, {"endpointing", 10, 20}}, "listening"},
		{"an activity that is none", floor.User, []floor.Work{{"other", 10, 20}, {"idle", 10, 20}, {"tool", 16, 12}}, "idle"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := (floor.Silence{From: 10, To: 20, After: tt.after}).Activity(tt.works); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// FuzzMeasure compares the sums with those of a grid.
func FuzzMeasure(f *testing.F) {
	f.Add([]byte{0, 0, 20, 1, 10, 30, 0, 60, 5, 1, 61, 0, 2, 70, 20, 1, 95, 4})
	f.Fuzz(func(t *testing.T, data []byte) {
		var intervals []floor.Interval
		var grid [3][512]bool
		for ; len(data) >= 3; data = data[3:] {
			side, from, d := int(data[0]%3), int(data[1]), int(int8(data[2]))
			intervals = append(intervals, floor.Interval{Side: floor.Side(side), From: float64(from), To: float64(from + d)})
			for i := from; i < from+d; i++ {
				grid[side][i] = true
			}
		}
		var want floor.Sums
		quiet, spoke := 0.0, false
		for i := range 512 {
			user, agent := grid[0][i], grid[1][i]
			switch {
			case user || agent:
				want.Silence += quiet
				quiet, spoke = 0, true
			case spoke && !grid[2][i]:
				quiet++
			}
			if user {
				want.Talk[0]++
			}
			if agent {
				want.Talk[1]++
			}
			if user && agent {
				want.Overlap++
			}
		}
		got := floor.Measure(intervals)
		sum := 0.0
		for _, s := range got.Silences {
			sum += s.Duration()
		}
		if got.Talk != want.Talk || got.Overlap != want.Overlap || got.Silence != want.Silence || sum != want.Silence {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
}

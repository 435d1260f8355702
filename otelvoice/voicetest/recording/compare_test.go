// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
)

func TestCompare(t *testing.T) {
	r := scripted().compare(t)
	for i, want := range []int{0, 800, 600, 1020, 900, 600, 0, 0} {
		if want > 0 {
			near(t, "the response latency", r.Rows[i].Response.Measured, want)
		} else if got := r.Rows[i].Response.Measured; got != nil {
			t.Errorf("turn %d: a response latency of %v was measured, and there is none", i+1, *got)
		}
	}
	if d, ok := r.Rows[3].Response.Difference(); !ok || (d+20*ms).Abs() > 10*ms {
		t.Errorf("the difference of turn 4 is %v, want -20 ms", d)
	}
	near(t, "the stop time", r.Rows[3].StopTime.Measured, 300)
	near(t, "the stop time that is told", r.Rows[3].StopTime.Told, 250)
	near(t, "the part that was played", r.Rows[3].Played.Measured, 2180)

	near(t, "the overlap of a backchannel", r.Rows[1].Overlap.Measured, 250)
	near(t, "the overlap of a backchannel that is told", r.Rows[1].Overlap.Told, 0)
	near(t, "the overlap of a barge-in", r.Rows[3].Overlap.Measured, 300)
	near(t, "the overlap of a barge-in that is told", r.Rows[3].Overlap.Told, 280)

	// 29 to 33 s. The silence from 11.0 to 13.5 s is not longer than 3 s.
	near(t, "dead air", r.DeadAir.Measured, 4000)
	near(t, "dead air that is told", r.DeadAir.Told, 4000) // The filler and the answer are told as one.
	if len(r.Untold) != 1 || (r.Untold[0].Start-5600*ms).Abs() > 5*ms {
		t.Errorf("speech in no turn: %v, want 5.6 s", r.Untold)
	}
	if r.Unmatched != 1 || r.Rows[7].Missing != "outside of the recording" {
		t.Errorf("%d not found, turn 8 because it is %q", r.Unmatched, r.Rows[7].Missing)
	}
}

// Turns without instants, as log lines have them, are matched by their start and end.
func TestCompareWithoutInstants(t *testing.T) {
	c := scripted()
	for i := range c.turns {
		turn := &c.turns[i]
		if !turn.AgentStarted.IsZero() && !turn.UserStopped.IsZero() {
			turn.ResponseLatency = new(turn.AgentStarted.Sub(turn.UserStopped))
		}
		turn.UserStarted, turn.UserStopped, turn.AgentStarted, turn.AgentStopped = time.Time{}, time.Time{}, time.Time{}, time.Time{}
		if turn.Interruption != nil {
			turn.Interruption.At = time.Time{}
		}
	}
	r := c.compare(t)
	for i, want := range []int{0, 800, 600, 1020, 900, 600, 0, 0} {
		if want > 0 {
			near(t, "the response latency", r.Rows[i].Response.Measured, want)
		}
	}
	near(t, "the stop time", r.Rows[3].StopTime.Measured, 300)
	if r.Rows[3].StopTime.Told != nil || r.DeadAir.Told != nil || r.Untold != nil {
		t.Errorf("told without instants: %v, %v, %v", r.Rows[3].StopTime.Told, r.DeadAir.Told, r.Untold)
	}
	if r.Response.Count != 5 || r.Unmatched != 1 {
		t.Errorf("%v, %d not found", r.Response, r.Unmatched)
	}
}

// Calls of any shape: what is told differs from the sound by a jitter that is known.
func TestCompareRandomCalls(t *testing.T) {
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 21))
		between := func(from, to int) int { return from + rng.IntN(to-from) }
		c := newCall(8000, 2*time.Minute)
		var want []int
		now := between(300, 1000)
		for now < 100_000 {
			said := now + between(250, 4000)
			answers := said + between(150, 2500)
			ends := answers + between(400, 6000)
			turn := c.exchange(now, said, answers, ends)
			jitter := between(-30, 31)
			turn.UserStopped = turn.UserStopped.Add(time.Duration(jitter) * ms)
			want = append(want, -jitter)
			if ends > answers+1500 && rng.IntN(3) == 0 { // The user interrupts.
				now = ends - between(80, 400)
				turn.Interruption = &recording.Interruption{At: at(now)}
				continue
			}
			if ends > answers+2500 && rng.IntN(3) == 0 { // A backchannel.
				says(c.user, answers+800, answers+800+between(120, 400))
			}
			now = ends + between(300, 3000)
		}
		c.user.Noise(-45, seed)
		c.agent.Noise(-55, seed+100)
		r := c.compare(t)
		if r.Unmatched > 0 || r.Response.Count != len(want) {
			t.Errorf("seed %d: %d of %d compared\n%s", seed, r.Response.Count, len(want), r)
			continue
		}
		for i := range r.Rows {
			if d, _ := r.Rows[i].Response.Difference(); (d - time.Duration(want[i])*ms).Abs() > 15*ms {
				t.Errorf("seed %d, turn %d: the difference is %v, want %d ms", seed, i+1, d, want[i])
			}
			if i := r.Rows[i].Turn.Interruption; i != nil && r.StopTime.Count == 0 {
				t.Errorf("seed %d: no stop time", seed)
			}
		}
		if r.StopTime.Worst.Abs() > 15*ms {
			t.Errorf("seed %d: stop times %v", seed, r.StopTime)
		}
	}
}

func TestCompareSaysWhatIsWrong(t *testing.T) {
	c := newCall(8000, 10*time.Second)
	c.exchange(1000, 2000, 3000, 5000)
	sound := c.measure(t)
	for _, tt := range []struct {
		name  string
		turns []recording.Turn
		sound *recording.Sound
		start time.Time
		want  string
	}{
		{"no sound", c.turns, nil, began, "no sound"},
		{"no turns", nil, sound, began, "no turns"},
		{"no start", c.turns, sound, time.Time{}, "the time of the first sample is not known"},
		{"no times", []recording.Turn{{Index: 1}}, sound, began, "no turn has a time"},
		{"a start after the call", c.turns, sound, began.Add(time.Hour), "it has the time from 2026-03-04T11:00:00.000Z to 2026-03-04T11:00:10.000Z, and the turns are from 2026-03-04T10:00:01.000Z to 2026-03-04T10:00:05.000Z"},
		{"a start before the call", c.turns, sound, began.Add(-time.Hour), "is its start right?"},
		{"a start of another era", c.turns, sound, time.Unix(0, 0), "is its start right?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := recording.Compare(tt.turns, tt.sound, tt.start); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("\ngot  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestTurnsThatAreNotFound(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(c *call, turn *recording.Turn)
		want string
	}{
		{"the agent is silent", func(c *call, _ *recording.Turn) { clear(c.agent.Samples) }, "no start of the agent's speech within 1s of 0:03.000"},
		{"the user is silent", func(c *call, _ *recording.Turn) { clear(c.user.Samples) }, "the user does not speak before the agent"},
		{"the agent goes on", func(c *call, _ *recording.Turn) {
			says(c.agent, 500, 3200)
		}, "the agent was already speaking at 0:03.000"},
		{"the channels are swapped", func(c *call, _ *recording.Turn) { c.user, c.agent = c.agent, c.user }, "within 1s"},
		{"the user goes on for long", func(c *call, _ *recording.Turn) {
			says(c.user, 1990, 4400)
		}, "the user was speaking when the agent started"},
		{"the user goes on, and no end is told", func(c *call, turn *recording.Turn) {
			says(c.user, 1990, 3400)
			turn.UserStopped, turn.ResponseLatency = time.Time{}, new(time.Second)
		}, "the user was speaking when the agent started"},
		{"no user, and no end told", func(c *call, turn *recording.Turn) {
			clear(c.user.Samples)
			turn.UserStopped, turn.ResponseLatency = time.Time{}, new(time.Second)
		}, "the user does not speak before the agent"},
		{"no agent, and no start told", func(c *call, turn *recording.Turn) {
			clear(c.agent.Samples)
			turn.AgentStarted, turn.ResponseLatency = time.Time{}, new(time.Second)
		}, "the agent does not start to speak in the turn"},
		{"only a latency", func(_ *call, turn *recording.Turn) {
			*turn = recording.Turn{Index: 1, ResponseLatency: new(time.Second), UserStopped: at(2000)}
		}, "telemetry does not tell when the agent started"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCall(8000, 10*time.Second)
			tt.make(c, c.exchange(1000, 2000, 3000, 5000))
			r := c.compare(t)
			if r.Unmatched != 1 || !strings.Contains(r.Rows[0].Missing, tt.want) {
				t.Errorf("%d not found, because %q, want %q", r.Unmatched, r.Rows[0].Missing, tt.want)
			}
			if err := r.Check(recording.Tolerance{}); err == nil || !strings.Contains(err.Error(), "no response latency was compared") {
				t.Errorf("checked: %v", err)
			}
		})
	}
}

// Values that contradict each other are unknown, and the rest is compared.
func TestContradictions(t *testing.T) {
	for _, tt := range []struct {
		name  string
		make  func(turn *recording.Turn)
		note  string
		count int
	}{
		{"the agent stops before it starts", func(turn *recording.Turn) { turn.AgentStopped = at(100) }, "the agent's stop is before its start", 1},
		{"the user stops before it starts", func(turn *recording.Turn) { turn.UserStarted = at(9000) }, "the user's stop is before its start", 1},
		{"the turn ends before it starts", func(turn *recording.Turn) { turn.End = at(0) }, "the turn's end is before its start", 1},
		{"a latency below zero", func(turn *recording.Turn) { turn.ResponseLatency = new(-time.Second) }, "a response latency of -1s", 0},
		{"the agent starts before the user stops", func(turn *recording.Turn) { turn.UserStopped = at(2800); turn.AgentStarted = at(2500) }, "a response latency of -300ms", 0},
		{"a latency of years", func(turn *recording.Turn) { turn.ResponseLatency = new(90000 * time.Hour) }, "a response latency of 90000h0m0s", 0},
		{"times of other eras", func(turn *recording.Turn) {
			turn.Start, turn.End, turn.AgentStopped = time.Time{}.Add(1), time.Unix(1<<40, 0), time.Unix(1<<50, 0)
			turn.Interruption = &recording.Interruption{At: time.Unix(-1<<50, 0)}
		}, "the speech that interrupted the agent is not found", 1},
		{"an interruption in a pause of the agent", func(turn *recording.Turn) {
			turn.Interruption = &recording.Interruption{At: at(1000)}
		}, "the agent was silent when the user started", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCall(8000, 10*time.Second)
			tt.make(c.exchange(1000, 2000, 3000, 5000))
			r := c.compare(t)
			if got := strings.Join(r.Rows[0].Notes, "; "); got != tt.note || r.Response.Count != tt.count {
				t.Errorf("noted %q, %d compared, want %q, %d", got, r.Response.Count, tt.note, tt.count)
			}
			_ = r.String()
		})
	}
}

// The silence that the user hears counts, and not the end of speech that is told.
func TestSilenceBeforeTheAnswer(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(c *call)
		want int
	}{
		{"as told", func(*call) {}, 1000},
		{"a part of what the user says is missed", func(c *call) { says(c.user, 2300, 2750) }, 250},
		{"a cough while the user waits", func(c *call) { says(c.user, 2400, 2600) }, 1000},
		{"two", func(c *call) { says(c.user, 2300, 2400); says(c.user, 2700, 2800) }, 1000},
		{"the user starts anew when the agent does", func(c *call) { says(c.user, 2900, 4500) }, 1000},
		{"the agent cuts in", func(c *call) { says(c.user, 1950, 3150) }, -150},
		{"a filler that is not told", func(c *call) { says(c.agent, 2400, 2700) }, 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCall(8000, 10*time.Second)
			c.exchange(1000, 2000, 3000, 5000)
			tt.make(c)
			r := c.compare(t)
			near(t, "the response latency", r.Rows[0].Response.Measured, tt.want)
			if r.Unmatched > 0 {
				t.Errorf("not found: %s", r)
			}
		})
	}
}

// Turns that overlap have one sound each.
func TestOverlappingTurns(t *testing.T) {
	c := newCall(8000, 20*time.Second)
	c.exchange(1000, 2000, 3000, 5000)
	c.exchange(5600, 6000, 6500, 8000)
	c.turns[0].End, c.turns[1].Start = at(20_000), at(0)
	c.turns = append(c.turns, c.turns[0]) // The same turn twice.
	r := c.compare(t)
	if r.Response.Count != 2 || r.Unmatched != 1 {
		t.Errorf("%v, %d not found\n%s", r.Response, r.Unmatched, r)
	}
}

// A start that is wrong by a constant moves both ends of a latency.
func TestShift(t *testing.T) {
	c := newCall(8000, 10*time.Second)
	c.exchange(1000, 2000, 3000, 5000)
	r, err := recording.Compare(c.turns, c.measure(t), began.Add(-300*ms))
	if err != nil {
		t.Fatal(err)
	}
	if r.Response.Worst.Abs() > 5*ms || (r.Shift-300*ms).Abs() > 5*ms || !strings.Contains(r.String(), "the start of the recording may be wrong") {
		t.Errorf("a shift of %v\n%s", r.Shift, r)
	}
}

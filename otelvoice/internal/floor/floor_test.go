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
	f.Add(User, time.Time{}, at(8_000))
	f.Add(User, at(8_000), time.Time{})
	f.Add(sides, at(6_000), at(7_000))
	want := Sums{
		Talk:      [sides]time.Duration{5 * time.Second, 6 * time.Second}, // 2+3, 2+4
		Monologue: [sides]time.Duration{3 * time.Second, 4 * time.Second},
		Overlap:   time.Second,     // 11-12
		Silence:   5 * time.Second, // 2-3, 5-9

		AgentInterruptions: 1, AgentOverlap: time.Second,

		DeadAirs: 1, DeadAir: 4 * time.Second, LongestDeadAir: 4 * time.Second, DeadAirSince: at(5_000),
		LongestActivity: Listening,
		LastSpeech:      at(15_000),
	}
	want.ByActivity[Listening] = DeadAir{1, 4 * time.Second}
	if got := f.Sums(); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := f.LastSpeech(); !got.Equal(at(15_000)) {
		t.Errorf("the last speech ended at %v", got)
	}
}

func TestNobodySpoke(t *testing.T) {
	var f Floor
	f.Leave(at(0))
	f.Return(at(9000))
	if got := f.Sums(); got != (Sums{}) {
		t.Errorf("got %+v, want nothing", got)
	}
	if _, ok := f.Sums().AgentRatio(); ok {
		t.Error("a ratio of no talk")
	}
}

func TestASilenceOfTheBoundIsNoDeadAir(t *testing.T) {
	f := Floor{DeadAir: time.Second}
	f.Add(User, at(0), at(1000))
	f.Add(User, at(2000), at(3000))
	if got := f.Sums(); got.DeadAirs != 0 || got.Silence != time.Second {
		t.Errorf("got %+v", got)
	}
}

func TestHold(t *testing.T) {
	f := Floor{DeadAir: time.Second}
	f.Add(Agent, at(0), at(1000))
	f.Leave(at(3000)) // 2 s of silence before, 500 ms after.
	f.Return(at(60_000))
	f.Add(User, at(60_500), at(61_000))
	f.Leave(at(70_000)) // Nobody speaks any more.
	f.Return(at(80_000))
	got := f.Sums()
	if got.Silence != 2500*time.Millisecond || got.DeadAirs != 1 || got.DeadAir != 2*time.Second {
		t.Errorf("got %+v", got)
	}
}

// The user speaks for 100 ms of each 5 s, on a hold from 1 s on, more often than the floor holds.
func TestSpeechOnHold(t *testing.T) {
	const n = 10 * maxIntervals
	for name, test := range map[string]struct {
		leave, back int // The hold, in seconds. 0 is open.
		twice       bool
		want        time.Duration // Of silence.
	}{
		"a hold that is open":            {leave: 1, want: 900 * time.Millisecond},
		"a hold that ends after all":     {leave: 1, back: 5 * n, want: 900 * time.Millisecond},
		"a hold that begins again":       {leave: 1, twice: true, want: 900 * time.Millisecond},
		"a hold that ends before speech": {leave: 1, back: 5*n - 7, want: 900*time.Millisecond + 2*time.Second},
		"a hold that begins last":        {leave: 5 * n, want: (n - 1) * 4900 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			f := Floor{DeadAir: 3 * time.Second}
			f.Leave(at(test.leave * 1000))
			for i := range n {
				if end := test.back * 1000; end > 0 && i*5000 > end && i*5000-5000 <= end {
					f.Return(at(end))
				}
				f.Add(User, at(i*5000), at(i*5000+100))
				if i == n/2 {
					f.Sums() // A look at a hold that is open changes nothing.
				}
			}
			if test.twice {
				f.Leave(at(5 * n * 1000))
			}
			if got := f.Sums(); got.Silence != test.want || got.Talk[User] != n*100*time.Millisecond {
				t.Errorf("%v of silence, %v of talk, want %v of silence", got.Silence, got.Talk[User], test.want)
			}
		})
	}
}

func TestInterruptionsAndBackchannels(t *testing.T) {
	type speech struct {
		side     Side
		from, to int
	}
	for name, test := range map[string]struct {
		speech       []speech
		interrupts   int // When the user interrupted, or 0.
		agent, backs int
	}{
		"one after the other":             {[]speech{{User, 0, 10}, {Agent, 10, 20}}, 0, 0, 0},
		"the agent starts within":         {[]speech{{User, 0, 10}, {Agent, 9, 20}}, 0, 1, 0},
		"both start at once":              {[]speech{{User, 0, 10}, {Agent, 0, 20}}, 0, 0, 0},
		"a backchannel":                   {[]speech{{Agent, 0, 20}, {User, 5, 7}}, 0, 0, 1},
		"speech that outlasts the agent":  {[]speech{{Agent, 0, 20}, {User, 15, 25}}, 0, 0, 0},
		"speech to the agent's end":       {[]speech{{Agent, 0, 20}, {User, 15, 20}}, 0, 0, 0},
		"an interruption":                 {[]speech{{Agent, 0, 20}, {User, 5, 7}}, 5, 0, 0},
		"a backchannel and a late one":    {[]speech{{Agent, 0, 20}, {User, 5, 7}, {User, 9, 11}}, 10, 0, 1},
		"an interruption elsewhere":       {[]speech{{Agent, 0, 20}, {User, 5, 7}}, 8, 0, 1},
		"the agent interrupts and is cut": {[]speech{{User, 0, 10}, {Agent, 9, 12}, {User, 11, 15}}, 11, 1, 0},
	} {
		for _, early := range []bool{true, false} {
			var f Floor
			if early && test.interrupts > 0 {
				f.Interrupt(at(test.interrupts))
			}
			for _, s := range test.speech {
				f.Add(s.side, at(s.from), at(s.to))
			}
			if !early && test.interrupts > 0 {
				f.Interrupt(at(test.interrupts))
			}
			if got := f.Sums(); got.AgentInterruptions != test.agent || got.Backchannels != test.backs {
				t.Errorf("%s: %d interruptions by the agent, %d backchannels, want %d, %d", name, got.AgentInterruptions, got.Backchannels, test.agent, test.backs)
			}
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	f := Floor{DeadAir: time.Millisecond}
	const n = 10_000 // Each second: the user speaks 400 ms, the agent from 300 to 800 ms.
	for i := range n {
		f.Interrupt(at(i*1000 + 900)) // Nobody speaks then.
		f.Add(User, at(i*1000), at(i*1000+400))
		f.Add(Agent, at(i*1000+300), at(i*1000+800))
		for j := range 5 {
			f.Work(Tool, at(i*1000+900+j), at(i*1000+1000))
		}
	}
	for _, held := range f.held {
		if len(held) > maxIntervals {
			t.Errorf("%d intervals are held", len(held))
		}
	}
	if len(f.pending) > maxPending || len(f.works) > maxWorks {
		t.Errorf("%d interruptions and %d works are held", len(f.pending), len(f.works))
	}
	s, ms := f.Sums(), time.Millisecond
	if s.Talk != [sides]time.Duration{n * 400 * ms, n * 500 * ms} || s.Overlap != n*100*ms || s.Silence != (n-1)*200*ms ||
		s.Monologue != [sides]time.Duration{400 * ms, 500 * ms} || s.AgentInterruptions != n || s.AgentOverlap != n*100*ms {
		t.Errorf("got %+v", s)
	}
}

func TestLateIntervalsAreCut(t *testing.T) {
	var f Floor
	for i := range maxIntervals + 1 { // The older half is folded: until the end of the 33rd, at 65 s.
		f.Add(User, at(i*2000), at(i*2000+1000))
	}
	before := f.Sums()
	f.Add(Agent, at(0), at(900))
	if got := f.Sums(); got != before {
		t.Errorf("an interval before the folded time counts: got %+v, want %+v", got, before)
	}
	f.Add(Agent, at(64_500), at(65_500)) // 65-65.5 s is left of it, of the silence of 65-66 s.
	got, half := f.Sums(), time.Second/2
	if got.Talk[Agent] != half || got.Overlap != 0 || got.Silence != before.Silence-half {
		t.Errorf("got %+v after %+v", got, before)
	}
}

// The sums of a long call are the same as those of its halves, except for the silence between.
func TestPlus(t *testing.T) {
	bound := time.Second
	whole, first, second := Floor{DeadAir: bound}, Floor{DeadAir: bound}, Floor{DeadAir: bound}
	for i := range 300 {
		part := &first
		if i >= 100 {
			part = &second
		}
		for _, f := range []*Floor{&whole, part} {
			f.Add(User, at(i*5000), at(i*5000+2000))
			f.Add(Agent, at(i*5000+1900), at(i*5000+3000+i))
		}
	}
	got, want := first.Sums().Plus(second.Sums()), whole.Sums()
	between := at(100 * 5000).Sub(at(99*5000 + 3000 + 99))
	got.Silence += between
	got.DeadAirs++
	got.DeadAir += between
	got.ByActivity[Listening].Count++
	got.ByActivity[Listening].Duration += between
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

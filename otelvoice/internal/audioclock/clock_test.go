// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package audioclock

import (
	"math/rand/v2"
	"testing"
	"time"
)

const frame = 20 * time.Millisecond

// paced adds frames at the pace of speech; the first one ends at the given time.
func paced(c *Clock, frames int, first time.Time) time.Time {
	at := first
	for i := range frames {
		at = first.Add(time.Duration(i) * frame)
		c.Add(frame, at)
	}
	return at
}

func TestClock(t *testing.T) {
	t0 := time.Unix(1_700_000_000, 0)
	type question struct {
		offset int // Milliseconds in the audio.
		side   Edge
		want   int // Milliseconds after t0; -1 for unknown.
	}
	for _, tt := range []struct {
		name string
		add  func(c *Clock)
		ask  []question
		runs int
	}{
		{"nothing sent", func(*Clock) {}, []question{{0, End, -1}, {10, End, -1}}, 0},
		{
			"at the pace of speech", func(c *Clock) { paced(c, 100, t0.Add(frame)) },
			[]question{{0, Start, 0}, {0, End, 0}, {5, End, 5}, {1234, End, 1234}, {2000, End, 2000}},
			1,
		},
		{
			// One second of audio, a pause of 508 ms, and another second.
			"a pause", func(c *Clock) {
				paced(c, 50, t0.Add(frame))
				paced(c, 50, t0.Add(time.Second+508*time.Millisecond+frame))
			},
			[]question{{999, End, 999}, {1000, End, 1000}, {1000, Start, 1508}, {1001, End, 1509}, {2000, End, 2508}},
			2,
		},
		{
			// One second of audio, a frame with a time half an hour before, and another second. The
			// frame counts as captured with the one before it, so everything is 20 ms early up to
			// the pause that the next, correctly placed frame implies.
			"a frame of another clock", func(c *Clock) {
				paced(c, 50, t0.Add(frame))
				c.Add(frame, t0.Add(-30*time.Minute))
				paced(c, 50, t0.Add(time.Second+2*frame))
			},
			[]question{{500, End, 480}, {1020, End, 1000}, {1040, End, 1040}, {2020, End, 2020}},
			2,
		},
		{
			// The goroutine blocks for 508 ms while the user continues to speak, then sends 25
			// frames at once: the frame that ended at 1020 was captured then, not at 1508.
			"delayed, then caught up", func(c *Clock) {
				paced(c, 50, t0.Add(frame))
				for range 25 {
					c.Add(frame, t0.Add(1508*time.Millisecond))
				}
				paced(c, 24, t0.Add(1520*time.Millisecond))
			},
			[]question{{1000, End, 1000}, {1020, End, 1020}, {1500, End, 1500}, {1980, End, 1980}},
			1,
		},
		{
			"delayed for long, and half of the audio lost", func(c *Clock) {
				paced(c, 50, t0.Add(frame))
				for range 10 { // 200 ms; the last was captured at 1500.
					c.Add(frame, t0.Add(1500*time.Millisecond))
				}
			},
			[]question{{1000, End, 1000}, {1000, Start, 1300}, {1100, End, 1400}, {1200, End, 1500}},
			2,
		},
		{
			"a file, at once", func(c *Clock) { c.Add(10*time.Second, t0) },
			[]question{{0, End, -10_000}, {10_000, End, 0}},
			1,
		},
		{
			"rounded up by the recogniser, and beyond what was sent", func(c *Clock) { paced(c, 50, t0.Add(frame)) },
			[]question{{1040, End, 1000}, {1100, End, 1000}, {1101, End, -1}, {-1, End, -1}},
			1,
		},
		{"empty and negative frames", func(c *Clock) {
			c.Add(0, t0)
			c.Add(-frame, t0)
			paced(c, 1, t0)
		}, []question{{20, End, 0}}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var c Clock
			tt.add(&c)
			for _, q := range tt.ask {
				at, ok := c.At(time.Duration(q.offset)*time.Millisecond, q.side)
				got := int(at.Sub(t0).Milliseconds())
				if !ok {
					got = -1
				}
				if got != q.want {
					t.Errorf("offset %d ms was heard at %d ms, want %d", q.offset, got, q.want)
				}
			}
			if len(c.runs) != tt.runs {
				t.Errorf("%d runs, want %d", len(c.runs), tt.runs)
			}
		})
	}
}

// For two hours, frames are up to 15 ms late and the sound card is 100 ppm slow. Times within the
// last minutes are exact, except for jitter that later frames have not corrected.
func TestClockOfALongCall(t *testing.T) {
	t0 := time.Unix(1_700_000_000, 0)
	random := rand.New(rand.NewPCG(1, 2))
	var c Clock
	const frames = 2 * 3600 * 50
	card := func(offset time.Duration) time.Time { return t0.Add(offset + offset/10_000) }
	for i := range frames {
		c.Add(frame, card(time.Duration(i+1)*frame).Add(time.Duration(random.IntN(15_000))*time.Microsecond))
		if len(c.runs) > maxRuns {
			t.Fatalf("%d runs", len(c.runs))
		}
	}
	for _, back := range []time.Duration{time.Second, time.Minute, 10 * time.Minute} {
		offset := frames*frame - back
		at, ok := c.At(offset, End)
		if off := at.Sub(card(offset)); !ok || off < -2*time.Millisecond || off > 5*time.Millisecond {
			t.Errorf("%v back: known %v, off by %v", back, ok, off)
		}
	}
	if _, ok := c.At(time.Second, End); ok {
		t.Error("the beginning of the call is in memory")
	}
}

func TestClockAllocatesNothing(t *testing.T) {
	var c Clock
	at := time.Unix(1_700_000_000, 0)
	c.Add(frame, at)
	if n := testing.AllocsPerRun(1000, func() {
		at = at.Add(frame)
		c.Add(frame, at)
	}); n != 0 {
		t.Errorf("%v allocations for a frame, want 0", n)
	}
}

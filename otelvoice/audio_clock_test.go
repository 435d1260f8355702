// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"math/rand/v2"
	"testing"
	"time"
)

const frame = 20 * time.Millisecond

// paced adds frames at the pace of speech, the first of which ends at a time.
func paced(c *audioClock, frames int, first time.Time) time.Time {
	at := first
	for i := range frames {
		at = first.Add(time.Duration(i) * frame)
		c.add(frame, at)
	}
	return at
}

func TestAudioClock(t *testing.T) {
	t0 := time.Unix(1_700_000_000, 0)
	type question struct {
		offset int // Milliseconds in the audio.
		side   edge
		want   int // Milliseconds after t0; -1 for unknown.
	}
	for _, tt := range []struct {
		name string
		add  func(c *audioClock)
		ask  []question
		runs int
	}{
		{"nothing sent", func(*audioClock) {}, []question{{0, edgeEnd, -1}, {10, edgeEnd, -1}}, 0},
		{
			"at the pace of speech", func(c *audioClock) { paced(c, 100, t0.Add(frame)) },
			[]question{{0, edgeStart, 0}, {0, edgeEnd, 0}, {5, edgeEnd, 5}, {1234, edgeEnd, 1234}, {2000, edgeEnd, 2000}},
			1,
		},
		{
			// One second, then the sound pauses for 508 ms, then another second.
			"a pause", func(c *audioClock) {
				paced(c, 50, t0.Add(frame))
				paced(c, 50, t0.Add(time.Second+508*time.Millisecond+frame))
			},
			[]question{{999, edgeEnd, 999}, {1000, edgeEnd, 1000}, {1000, edgeStart, 1508}, {1001, edgeEnd, 1509}, {2000, edgeEnd, 2508}},
			2,
		},
		{
			// One second; a frame that claims to be from half an hour before; a second more.
			// The frame counts as heard with the one before it, so all is 20 ms early up to
			// the pause that the next frame, in its place, makes of it.
			"a frame of another clock", func(c *audioClock) {
				paced(c, 50, t0.Add(frame))
				c.add(frame, t0.Add(-30*time.Minute))
				paced(c, 50, t0.Add(time.Second+2*frame))
			},
			[]question{{500, edgeEnd, 480}, {1020, edgeEnd, 1000}, {1040, edgeEnd, 1040}, {2020, edgeEnd, 2020}},
			2,
		},
		{
			// The goroutine is blocked for 508 ms while the user speaks on, and then sends
			// 25 frames at once: the frame that ended at 1020 was heard then, not at 1508.
			"held up, and caught up", func(c *audioClock) {
				paced(c, 50, t0.Add(frame))
				for range 25 {
					c.add(frame, t0.Add(1508*time.Millisecond))
				}
				paced(c, 24, t0.Add(1520*time.Millisecond))
			},
			[]question{{1000, edgeEnd, 1000}, {1020, edgeEnd, 1020}, {1500, edgeEnd, 1500}, {1980, edgeEnd, 1980}},
			1,
		},
		{
			"held up for long, and half of it lost", func(c *audioClock) {
				paced(c, 50, t0.Add(frame))
				for range 10 { // 200 ms, of which the last was heard at 1500.
					c.add(frame, t0.Add(1500*time.Millisecond))
				}
			},
			[]question{{1000, edgeEnd, 1000}, {1000, edgeStart, 1300}, {1100, edgeEnd, 1400}, {1200, edgeEnd, 1500}},
			2,
		},
		{
			"a file, at once", func(c *audioClock) { c.add(10*time.Second, t0) },
			[]question{{0, edgeEnd, -10_000}, {10_000, edgeEnd, 0}},
			1,
		},
		{
			"rounded up by the recogniser, and beyond what was sent", func(c *audioClock) { paced(c, 50, t0.Add(frame)) },
			[]question{{1040, edgeEnd, 1000}, {1100, edgeEnd, 1000}, {1101, edgeEnd, -1}, {-1, edgeEnd, -1}},
			1,
		},
		{"empty and negative frames", func(c *audioClock) {
			c.add(0, t0)
			c.add(-frame, t0)
			paced(c, 1, t0)
		}, []question{{20, edgeEnd, 0}}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var c audioClock
			tt.add(&c)
			for _, q := range tt.ask {
				at, ok := c.at(time.Duration(q.offset)*time.Millisecond, q.side)
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

// A sender whose frames are late by up to 15 ms, and a sound card that is slow by 100 ppm, for
// two hours: what is asked within the last minutes is exact to the jitter that is not made up yet.
func TestAudioClockOfALongCall(t *testing.T) {
	t0 := time.Unix(1_700_000_000, 0)
	random := rand.New(rand.NewPCG(1, 2))
	var c audioClock
	const frames = 2 * 3600 * 50
	card := func(offset time.Duration) time.Time { return t0.Add(offset + offset/10_000) }
	for i := range frames {
		c.add(frame, card(time.Duration(i+1)*frame).Add(time.Duration(random.IntN(15_000))*time.Microsecond))
		if len(c.runs) > maxAudioRuns {
			t.Fatalf("%d runs", len(c.runs))
		}
	}
	for _, back := range []time.Duration{time.Second, time.Minute, 10 * time.Minute} {
		offset := frames*frame - back
		at, ok := c.at(offset, edgeEnd)
		if off := at.Sub(card(offset)); !ok || off < -2*time.Millisecond || off > 5*time.Millisecond {
			t.Errorf("%v back: known %v, off by %v", back, ok, off)
		}
	}
	if _, ok := c.at(time.Second, edgeEnd); ok {
		t.Error("the beginning of the call is remembered, and cannot be")
	}
}

func TestAudioClockAllocatesNothing(t *testing.T) {
	var c audioClock
	at := time.Unix(1_700_000_000, 0)
	c.add(frame, at)
	if n := testing.AllocsPerRun(1000, func() {
		at = at.Add(frame)
		c.add(frame, at)
	}); n != 0 {
		t.Errorf("%v allocations for a frame, want 0", n)
	}
}

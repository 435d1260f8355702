// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package media

import (
	"math"
	"testing"
	"time"
)

// frame is 20 ms of audio with a timestamp and an arrival in milliseconds.
type frame struct{ timestamp, arrival int }

func TestFrames(t *testing.T) {
	for _, tt := range []struct {
		name                string
		frames              []frame
		missing, outOfOrder int64
		gaps                int64
		longest             time.Duration
		jitter              float64 // In seconds, by hand.
	}{
		{name: "nothing"},
		{name: "one", frames: []frame{{0, 5}}},
		{name: "in time", frames: []frame{{0, 0}, {20, 20}, {40, 40}}},
		{name: "timestamps that were rounded", frames: []frame{{0, 0}, {21, 20}, {40, 40}, {59, 60}, {81, 80}}, jitter: jitterOf(.001, .001, .001, .002)},
		{name: "two missing", frames: []frame{{0, 0}, {60, 60}}, missing: 2},
		{name: "one late", frames: []frame{{0, 0}, {40, 40}, {20, 45}}, outOfOrder: 1, jitter: jitterOf(0, .025)},
		{name: "one twice", frames: []frame{{0, 0}, {20, 20}, {0, 20}, {40, 40}}, outOfOrder: 1, jitter: jitterOf(0, .02, .02)},
		{name: "a stall and a burst", frames: []frame{{0, 0}, {20, 320}, {40, 320}, {60, 320}}, gaps: 1, longest: 320 * ms, jitter: jitterOf(.3, .02, .02)},
		{name: "the clock restarts", frames: []frame{{100_000, 0}, {0, 20}, {20, 40}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var f Frames
			start := time.Now()
			for _, p := range tt.frames {
				f.Arrived(time.Duration(p.timestamp)*ms, 20*ms, start.Add(time.Duration(p.arrival)*ms))
			}
			if f.Received() != int64(len(tt.frames)) || f.Missing() != tt.missing || f.OutOfOrder() != tt.outOfOrder {
				t.Errorf("received %d, missing %d, out of order %d; want %d, %d, %d",
					f.Received(), f.Missing(), f.OutOfOrder(), len(tt.frames), tt.missing, tt.outOfOrder)
			}
			if g := f.Gaps(); g.Count != tt.gaps || g.Longest != tt.longest || math.Abs(f.Jitter()-tt.jitter) > 1e-9 {
				t.Errorf("gaps %+v, jitter %.6f; want %d up to %v, %.6f", g, f.Jitter(), tt.gaps, tt.longest, tt.jitter)
			}
			if f.MissingAudio() != time.Duration(tt.missing)*20*ms {
				t.Errorf("%v of audio is missing", f.MissingAudio())
			}
		})
	}
}

// jitterOf returns the jitter after differences of transit times in seconds.
func jitterOf(differences ...float64) (j float64) {
	for _, d := range differences {
		j += (d - j) / 16
	}
	return j
}

// Without durations, loss is unknown and the other measures are not.
func TestFramesWithoutDuration(t *testing.T) {
	var f Frames
	start := time.Now()
	for _, n := range []int{0, 20, 400} {
		f.Arrived(time.Duration(n)*ms, 0, start.Add(time.Duration(n)*ms))
	}
	if f.Missing() != 0 || f.Received() != 3 || f.Gaps().Count != 1 || f.Jitter() != 0 {
		t.Errorf("missing %d, received %d, gaps %+v, jitter %v", f.Missing(), f.Received(), f.Gaps(), f.Jitter())
	}
}

func TestGapsAdd(t *testing.T) {
	g := Gaps{Count: 1, Total: 2, Longest: 2}
	g.Add(Gaps{Count: 2, Total: 5, Longest: 3})
	if want := (Gaps{Count: 3, Total: 7, Longest: 3}); g != want {
		t.Errorf("the sum is %+v, want %+v", g, want)
	}
}

func FuzzFrames(f *testing.F) {
	f.Add(int64(0), int64(20), int64(20), int64(20), int64(1000), int64(-5))
	f.Fuzz(func(t *testing.T, t1, d1, a1, t2, d2, a2 int64) {
		var fr Frames
		at := time.Now()
		fr.Arrived(0, 20*ms, at)
		fr.Arrived(time.Duration(t1), time.Duration(d1), at.Add(time.Duration(a1)))
		fr.Arrived(time.Duration(t2), time.Duration(d2), at.Add(time.Duration(a2)))
		if fr.Missing() < 0 || fr.MissingAudio() > 4*maxJump || math.IsNaN(fr.Jitter()) || fr.Jitter() < 0 || fr.Gaps().Total < 0 {
			t.Errorf("missing %v, jitter %v, gaps %+v", fr.MissingAudio(), fr.Jitter(), fr.Gaps())
		}
	})
}

func BenchmarkFrames(b *testing.B) {
	var f Frames
	at := time.Now()
	b.ReportAllocs()
	for i := range b.N {
		d := time.Duration(i) * 20 * ms
		f.Arrived(d, 20*ms, at.Add(d))
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package media

import (
	"math"
	"testing"
	"time"
)

// arrival is a packet of 20 ms of Opus that comes so much later than it was sent.
type arrival struct {
	sequence uint16
	sent     int // In packets of 20 ms.
	late     time.Duration
}

const (
	samples = 960 // Of 20 ms at 48 kHz.
	ms      = time.Millisecond
)

func inOrder(first uint16, n int) (out []arrival) {
	for i := range n {
		out = append(out, arrival{first + uint16(i), i, 0})
	}
	return out
}

func TestReception(t *testing.T) {
	for _, tt := range []struct {
		name     string
		packets  []arrival
		base     uint32 // Of the timestamps.
		received int64
		lost     int64
		jitter   float64 // In seconds, by hand.
		gaps     int64
	}{
		{name: "nothing"},
		{name: "one", packets: inOrder(7, 1), received: 1},
		{name: "all in time", packets: inOrder(7, 100), received: 100},
		{name: "sequence and timestamp wrap", packets: inOrder(65_500, 100), base: math.MaxUint32 - 10*samples, received: 100},
		{name: "three lost", packets: append(inOrder(7, 5), arrival{15, 8, 0}), received: 6, lost: 3},
		{name: "one comes late", packets: []arrival{{1, 0, 0}, {3, 2, 0}, {2, 1, 20 * ms}}, received: 3, jitter: 0.02 / 16},
		{name: "one from before the first", packets: []arrival{{5, 1, 0}, {4, 0, 20 * ms}, {6, 2, 0}}, received: 3, jitter: 0.02/16 + (0.02-0.02/16)/16},
		{name: "one comes twice", packets: []arrival{{1, 0, 0}, {1, 0, 0}}, received: 2, lost: -1},
		// Each difference is 10 ms: J grows by (10 ms - J)/16 with each.
		{name: "every other is late", packets: []arrival{{1, 0, 0}, {2, 1, 10 * ms}, {3, 2, 0}}, received: 3, jitter: 0.01/16 + (0.01-0.01/16)/16},
		{name: "a pause of the sender", packets: []arrival{{1, 0, 0}, {2, 50, 0}, {3, 51, 0}}, received: 3},
		{name: "a stall", packets: []arrival{{1, 0, 0}, {2, 1, 200 * ms}, {3, 2, 180 * ms}}, received: 3, jitter: jitterOf(.2, .02), gaps: 1},
		{name: "ten lost", packets: []arrival{{1, 0, 0}, {12, 11, 0}}, received: 2, lost: 10, gaps: 1},
		{name: "the stream starts anew", packets: append(append(inOrder(7, 3), arrival{10, 4, 0}), inOrder(40_000, 2)...), received: 6},
		{name: "it starts anew after a loss", packets: append([]arrival{{1, 0, 0}, {3, 2, 0}}, inOrder(40_000, 2)...), received: 4, lost: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := NewReception(48_000)
			start := time.Now()
			for _, p := range tt.packets {
				at := start.Add(time.Duration(p.sent)*20*ms + p.late)
				r.Arrived(p.sequence, tt.base+uint32(p.sent)*samples, at)
			}
			if r.Received() != tt.received || r.Lost() != tt.lost || math.Abs(r.Jitter()-tt.jitter) > 1e-6 {
				t.Errorf("received %d, lost %d, jitter %.6f; want %d, %d, %.6f", r.Received(), r.Lost(), r.Jitter(), tt.received, tt.lost, tt.jitter)
			}
			if g := r.Gaps(); g.Count != tt.gaps {
				t.Errorf("gaps %+v, want %d", g, tt.gaps)
			}
		})
	}
}

func FuzzReception(f *testing.F) {
	f.Add(uint16(1), uint32(1), uint16(2), uint32(961), uint16(60_000), uint32(math.MaxUint32))
	f.Fuzz(func(t *testing.T, s1 uint16, t1 uint32, s2 uint16, t2 uint32, s3 uint16, t3 uint32) {
		r := NewReception(48_000)
		at := time.Now()
		for i, p := range []struct {
			sequence  uint16
			timestamp uint32
		}{{s1, t1}, {s2, t2}, {s3, t3}} {
			r.Arrived(p.sequence, p.timestamp, at.Add(time.Duration(i)*20*ms))
		}
		if lost := r.Lost(); lost < -2 || lost > 2*maxDropout || math.IsNaN(r.jitter) || r.jitter < 0 {
			t.Errorf("lost %d, jitter %v", lost, r.jitter)
		}
	})
}

func BenchmarkReception(b *testing.B) {
	r := NewReception(48_000)
	at := time.Now()
	for i := range b.N {
		r.Arrived(uint16(i), uint32(i)*samples, at.Add(time.Duration(i)*20*ms))
	}
}

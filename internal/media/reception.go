// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package media

import "time"

// DefaultClock is the RTP clock of Opus in Hz.
const DefaultClock = 48_000

// A Reception has a receiver's statistics of one RTP stream: loss by RFC 3550, A.3, and jitter
// by 6.4.1 and A.8. pion's stats interceptor has both, but the LiveKit SDK does not accept it
// beside its own interceptors. Its jitter at v0.1.42 is a difference of differences, and
// jumps when the timestamp wraps. It is not safe for concurrent use.
type Reception struct {
	clock float64 // Of the stream, in Hz.

	started   bool
	first     int64 // A sequence number, extended beyond 16 bits.
	highest   int64
	expected  int64 // Packets expected before the stream restarted.
	received  int64
	timestamp uint32
	arrival   time.Time
	jitter    float64 // In seconds.
	gaps      Gaps
}

// A sequence number further away than these restarts the stream, as in RFC 3550, A.1, and is
// not a lost or late packet.
const (
	maxDropout  = 3000
	maxMisorder = 100
)

// NewReception returns the statistics of a stream with an RTP clock in Hz. If the clock is not
// positive, it is [DefaultClock].
func NewReception(clock float64) Reception {
	if !(clock > 0) {
		clock = DefaultClock
	}
	return Reception{clock: clock}
}

// Arrived records one packet.
func (r *Reception) Arrived(sequence uint16, timestamp uint32, at time.Time) {
	r.received++
	if !r.started {
		r.restart(int64(sequence), timestamp, at)
		return
	}
	step := int64(int16(sequence - uint16(r.highest)))
	if step > maxDropout || step < -maxMisorder {
		r.expected += r.highest - r.first + 1
		r.restart(int64(sequence), timestamp, at)
		return
	}
	n := r.highest + step
	r.first, r.highest = min(r.first, n), max(r.highest, n)

	sent := float64(int32(timestamp-r.timestamp)) / r.clock
	wait := at.Sub(r.arrival)
	late := wait.Seconds() - sent
	r.jitter += (max(late, -late) - r.jitter) / 16
	// A sender with discontinuous transmission pauses: the next packet has the next sequence
	// number, and its timestamp is as much later as its arrival. This is no gap.
	if paused := step == 1 && late < MinGap.Seconds(); !paused {
		r.gaps.Waited(wait)
	}
	r.timestamp, r.arrival = timestamp, at
}

func (r *Reception) restart(sequence int64, timestamp uint32, at time.Time) {
	r.started = true
	r.first, r.highest = sequence, sequence
	r.timestamp, r.arrival = timestamp, at
}

// Received returns how many packets arrived, duplicates included.
func (r *Reception) Received() int64 { return r.received }

// Lost returns how many expected packets did not arrive. As in the RFC, a duplicate offsets a
// lost packet.
func (r *Reception) Lost() int64 {
	if !r.started {
		return 0
	}
	return r.expected + r.highest - r.first + 1 - r.received
}

// Jitter returns the interarrival jitter in seconds.
func (r *Reception) Jitter() float64 { return r.jitter }

// Gaps returns the gaps of at least [MinGap] in which no packet arrived although the sender sent.
func (r *Reception) Gaps() Gaps { return r.gaps }

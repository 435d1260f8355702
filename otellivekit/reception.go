// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import "time"

// reception has a receiver's statistics of one RTP stream: loss by RFC 3550, A.3, and jitter
// by 6.4.1 and A.8. pion's stats interceptor has both, but the LiveKit SDK does not accept it
// beside its own interceptors. Its jitter at v0.1.42 is a difference of differences, and
// jumps when the timestamp wraps.
type reception struct {
	clock float64 // Of the stream, in Hz.

	started   bool
	first     int64 // A sequence number, extended beyond 16 bits.
	highest   int64
	expected  int64 // Packets expected before the stream restarted.
	received  int64
	timestamp uint32
	arrival   time.Time
	jitter    float64 // In seconds.
}

// A sequence number further away than these restarts the stream, as in RFC 3550, A.1, and is
// not a lost or late packet.
const (
	maxDropout  = 3000
	maxMisorder = 100
)

// arrived records one packet.
func (r *reception) arrived(sequence uint16, timestamp uint32, at time.Time) {
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
	late := at.Sub(r.arrival).Seconds() - sent
	r.jitter += (max(late, -late) - r.jitter) / 16
	r.timestamp, r.arrival = timestamp, at
}

func (r *reception) restart(sequence int64, timestamp uint32, at time.Time) {
	r.started = true
	r.first, r.highest = sequence, sequence
	r.timestamp, r.arrival = timestamp, at
}

// lost returns how many expected packets did not arrive. As in the RFC, a duplicate offsets a
// lost packet.
func (r *reception) lost() int64 {
	if !r.started {
		return 0
	}
	return r.expected + r.highest - r.first + 1 - r.received
}

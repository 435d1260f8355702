// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import "time"

// reception is the account of one RTP stream, as a receiver keeps it: loss by RFC
// 3550, A.3, and jitter by 6.4.1 and A.8. (pion's stats interceptor has both, but the
// LiveKit SDK can't be given it beside its own interceptors, and its jitter at v0.1.42
// is the difference of differences, and jumps when the timestamp wraps.)
type reception struct {
	clock float64 // Of the stream, in Hz.

	started   bool
	first     int64 // Sequence numbers, counted on beyond 16 bits.
	highest   int64
	expected  int64 // Before first, of a stream that started anew.
	received  int64
	timestamp uint32
	arrival   time.Time
	jitter    float64 // In seconds.
}

// A sequence number further away than these is that of a stream that started anew, as
// in RFC 3550, A.1, and not of a packet lost or late.
const (
	maxDropout  = 3000
	maxMisorder = 100
)

// arrived takes one packet into account.
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

// lost returns how many packets were expected and have not come. A packet that comes
// twice makes up for one that did not, as the RFC has it.
func (r *reception) lost() int64 {
	if !r.started {
		return 0
	}
	return r.expected + r.highest - r.first + 1 - r.received
}

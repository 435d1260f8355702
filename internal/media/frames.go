// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package media

import "time"

// Frames has a receiver's statistics of audio frames that carry the time of their audio, such as
// the media messages of telephone lines on a WebSocket. The zero value is ready to use. It is not
// safe for concurrent use.
//
// TCP neither loses nor reorders: a missing or late frame was lost or reordered before the
// WebSocket, or the vendor dropped it. A gap is a wait for the line.
type Frames struct {
	started    bool
	received   int64
	outOfOrder int64
	missing    time.Duration // Of audio.
	end        time.Duration // Of the audio so far.
	length     time.Duration // Of the latest frame with a duration.

	timestamp time.Duration
	arrival   time.Time
	jitter    float64 // In seconds.
	gaps      Gaps
}

// maxJump is the longest time of audio that can be missing. A timestamp that is further away
// restarts the stream: the vendor restarted its clock.
const maxJump = time.Minute

// Arrived records a frame of audio: the timestamp is that of the start of its audio, from the
// start of the stream. A duration that is not positive is unknown; that of the latest frame is
// used.
func (f *Frames) Arrived(timestamp, duration time.Duration, at time.Time) {
	f.received++
	if duration > 0 && duration <= maxJump {
		f.length = duration
	}
	if !f.started {
		f.restart(timestamp, at)
		return
	}
	wait := at.Sub(f.arrival)
	f.gaps.Waited(wait)
	ahead := timestamp - f.end
	if ahead > maxJump || ahead < -maxJump {
		f.restart(timestamp, at)
		return
	}
	switch {
	case ahead >= 0:
		f.missing += f.rounded(ahead)
		f.end = timestamp + f.length
	case timestamp > f.end-f.length: // Rounded timestamps overlap a little.
		f.end = max(f.end, timestamp+f.length)
	default:
		f.outOfOrder++
		f.missing = max(0, f.missing-f.length)
	}
	late := (wait - (timestamp - f.timestamp)).Seconds()
	f.jitter += (max(late, -late) - f.jitter) / 16
	f.timestamp, f.arrival = timestamp, at
}

// rounded returns the time of missing audio in whole frames: timestamps are rounded to
// milliseconds, or to frames of another length.
func (f *Frames) rounded(ahead time.Duration) time.Duration {
	if f.length <= 0 {
		return 0
	}
	return ahead.Round(f.length)
}

func (f *Frames) restart(timestamp time.Duration, at time.Time) {
	f.started = true
	f.end = timestamp + f.length
	f.timestamp, f.arrival = timestamp, at
}

// Received returns how many frames arrived, duplicates included.
func (f *Frames) Received() int64 { return f.received }

// OutOfOrder returns how many frames arrived after a later frame or twice.
func (f *Frames) OutOfOrder() int64 { return f.outOfOrder }

// Missing returns how many frames did not arrive, by the length of the latest frame. A frame that
// arrives late or twice is subtracted. It is 0 if no frame had a duration.
func (f *Frames) Missing() int64 {
	if f.length <= 0 {
		return 0
	}
	return int64(f.missing / f.length)
}

// MissingAudio returns the duration of the audio that did not arrive.
func (f *Frames) MissingAudio() time.Duration { return f.missing }

// Jitter returns the interarrival jitter in seconds, as RFC 3550, 6.4.1 defines it.
func (f *Frames) Jitter() float64 { return f.jitter }

// Gaps returns the gaps of at least [MinGap] between two arrivals.
func (f *Frames) Gaps() Gaps { return f.gaps }

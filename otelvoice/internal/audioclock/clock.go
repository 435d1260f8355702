// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package audioclock computes when audio is heard: how long it plays, where its first
// audible sample is, and the time of an offset in a connection's audio. It reads no clock
// and keeps no audio.
package audioclock

import (
	"sort"
	"time"
)

// A Clock maps offsets in the audio of one connection to the times at which that audio was
// heard. The zero Clock has no audio.
//
// The end of a frame was heard when it was added, at the latest. Frames that are added at
// the pace of speech are one run: offset and time advance together. A frame that is added
// later than that follows a pause and begins a new run. Frames that are added faster than
// speech were delayed: the audio before them was heard earlier than it was added, and Add
// corrects the runs. So neither jitter nor a goroutine that was blocked and catches up
// changes the times.
type Clock struct {
	sent time.Duration // How long the audio is so far.
	runs []run         // By offset; each but the first begins with a pause.
	last time.Time     // When the end of the newest frame was heard.
}

// A run is audio without a pause.
type run struct {
	from time.Duration // The offset at which it begins.
	zero time.Time     // When offset 0 would have been heard.
}

const (
	// minPause is the shortest pause that begins a run. A sound card whose clock is slow by
	// 100 ppm begins one every ten seconds.
	minPause = time.Millisecond
	// maxRuns bounds the memory of a clock: at 100 ppm, to the last 40 minutes.
	maxRuns = 256
	// offsetSlack is how far an offset may lie beyond the audio that was sent, because
	// recognisers round to their own frames.
	offsetSlack = 100 * time.Millisecond
)

// Add adds a frame whose end was heard at a given time.
func (c *Clock) Add(frame time.Duration, heard time.Time) {
	if frame <= 0 {
		return
	}
	from := c.sent
	c.sent += frame
	if heard.Before(c.last) {
		heard = c.last // Frames are heard in order: this time is from another clock.
	}
	c.last = heard
	zero := heard.Add(-c.sent)
	for n := len(c.runs); n > 0 && c.runs[n-1].zero.After(zero); n-- {
		from = c.runs[n-1].from
		c.runs = c.runs[:n-1]
	}
	n := len(c.runs)
	if n > 0 && zero.Sub(c.runs[n-1].zero) < minPause {
		return
	}
	if n == maxRuns {
		const forgotten = maxRuns / 4
		c.runs = append(c.runs[:0], c.runs[forgotten:]...)
	}
	c.runs = append(c.runs, run{from, zero})
}

// An Edge says on which side of a pause an offset at the pause lies.
type Edge bool

// The edges of speech.
const (
	Start Edge = true  // Speech starts after the pause.
	End   Edge = false // Speech ended before the pause.
)

// At returns when the audio at an offset was heard. It is false for an offset before the
// oldest audio in memory or beyond the audio that was sent.
func (c *Clock) At(offset time.Duration, side Edge) (time.Time, bool) {
	if len(c.runs) == 0 || offset < c.runs[0].from || offset > c.sent+offsetSlack {
		return time.Time{}, false
	}
	offset = min(offset, c.sent)
	i := sort.Search(len(c.runs), func(i int) bool {
		if side == Start {
			return c.runs[i].from > offset
		}
		return c.runs[i].from >= offset
	})
	return c.runs[max(i-1, 0)].zero.Add(offset), true
}

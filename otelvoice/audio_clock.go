// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"sort"
	"time"
)

// An audioClock maps offsets in the audio of one connection to the times at which that
// audio was heard. The zero clock is one of a connection over which nothing was sent.
//
// The end of a frame was heard when it was added, at the latest. Frames that are added at
// the pace of speech are one run: offset and time advance together. Where a frame comes
// later than that, the sound paused, and a new run begins. Where frames come faster than
// speech, they were held up: speech cannot be faster than itself, so what came before them
// was heard earlier than it was added, and the runs that say otherwise are corrected. So a
// goroutine that was blocked and then catches up leaves no trace, and neither does jitter.
type audioClock struct {
	sent time.Duration // How long the audio is so far.
	runs []audioRun    // By offset; each but the first begins with a pause.
	last time.Time     // When the end of the newest frame was heard.
}

// audioRun is audio without a pause.
type audioRun struct {
	from time.Duration // The offset at which it begins.
	zero time.Time     // When offset 0 would have been heard.
}

const (
	// clockTolerance is the shortest pause that begins a run. The clock of a sound card
	// that is slow by 100 ppm begins one every ten seconds.
	clockTolerance = time.Millisecond
	// maxAudioRuns bounds what a clock remembers: at 100 ppm, the last 40 minutes.
	maxAudioRuns = 256
	// offsetSlack is how far behind the end of what was sent an offset may lie:
	// recognisers round to their own frames.
	offsetSlack = 100 * time.Millisecond
)

// add adds a frame whose end was heard at a given time.
func (c *audioClock) add(frame time.Duration, heard time.Time) {
	if frame <= 0 {
		return
	}
	from := c.sent
	c.sent += frame
	if heard.Before(c.last) {
		heard = c.last // A frame is not heard before the one before it: its time is of another clock.
	}
	c.last = heard
	zero := heard.Add(-c.sent)
	for n := len(c.runs); n > 0 && c.runs[n-1].zero.After(zero); n-- {
		from = c.runs[n-1].from
		c.runs = c.runs[:n-1]
	}
	n := len(c.runs)
	if n > 0 && zero.Sub(c.runs[n-1].zero) < clockTolerance {
		return
	}
	if n == maxAudioRuns {
		const forgotten = maxAudioRuns / 4
		c.runs = append(c.runs[:0], c.runs[forgotten:]...)
	}
	c.runs = append(c.runs, audioRun{from, zero})
}

// An edge says on which side of a pause an offset lies that is at the pause.
type edge bool

const (
	edgeStart edge = true  // Of speech: it begins after the pause.
	edgeEnd   edge = false // Of speech: it ended before the pause.
)

// at returns when the audio at an offset was heard. It is false for an offset before the
// audio that is remembered or behind that which was sent.
func (c *audioClock) at(offset time.Duration, side edge) (time.Time, bool) {
	if len(c.runs) == 0 || offset < c.runs[0].from || offset > c.sent+offsetSlack {
		return time.Time{}, false
	}
	offset = min(offset, c.sent)
	i := sort.Search(len(c.runs), func(i int) bool {
		if side == edgeStart {
			return c.runs[i].from > offset
		}
		return c.runs[i].from >= offset
	})
	return c.runs[max(i-1, 0)].zero.Add(offset), true
}

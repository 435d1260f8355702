// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package playout computes which of the agent's audio was played, and when, from the audio that was
// queued on a telephone line and the marks that the line sends back. It has no clock of its own.
//
// A line plays what it is sent in order and in real time, without pauses while it has audio. That
// gives a clock: audio that is queued while other audio plays is played after it. A mark that comes
// back corrects the clock: all audio before it was played by then. See Twilio's documentation of
// Media Streams: https://www.twilio.com/docs/voice/media-streams/websocket-messages.
package playout

import (
	"slices"
	"time"
)

// maxMarks is how many marks are kept that the line has not sent back.
const maxMarks = 256

// maxPauses is how many underruns of an answer are kept one by one.
const maxPauses = 64

// tolerance is how long the queue may be empty before that counts as an underrun. Frames of 20 ms
// that are sent in real time, each when the one before ends, arrive with a jitter of that size.
const tolerance = 60 * time.Millisecond

// late is how long after its audio should have been played a mark is waited for. Lines buffer audio
// against jitter, so that they play later than the clock says.
const late = 2 * time.Second

// A Queue is the audio of one answer on a line. The zero value is ready for use.
type Queue struct {
	queued  time.Duration // The audio that was queued and not dropped.
	added   time.Duration // All audio that was queued.
	ends    time.Time     // When the audio that is queued will have been played.
	started time.Time     // When the first audio was played.
	latest  time.Time     // When the latest audio was queued.
	marks   []mark
	cut     bool // The rest of the audio was dropped.
	played  time.Duration

	// Confirmed is true if the line confirmed with a mark that audio was played.
	Confirmed bool
	// Pauses are the first underruns, each.
	Pauses []time.Duration
	// Underruns are the pauses within the answer for lack of audio.
	Underruns Underruns
}

// Underruns are pauses of the agent's voice in mid-answer, because the line had no audio to play.
type Underruns struct {
	Count          int
	Total, Longest time.Duration
}

type mark struct {
	name     string
	position time.Duration // The audio before it.
}

// Add adds audio that is queued at a time. The time at which it begins to play is returned.
func (q *Queue) Add(at time.Time, duration time.Duration) (plays time.Time) {
	plays = at
	switch {
	case q.started.IsZero():
		q.started = at
	case q.ends.After(at):
		plays = q.ends
	case !q.cut:
		q.pause(at.Sub(q.ends))
	}
	if q.cut { // Audio after a clear: the answer goes on.
		q.cut = false
	}
	q.latest = at
	q.queued += duration
	q.added += duration
	q.ends = plays.Add(duration)
	return plays
}

// Begin begins audio that another plays, who says when it ends: see [Queue.Extend]. The pause before it is no underrun.
func (q *Queue) Begin(at time.Time) {
	if q.started.IsZero() {
		q.started = at
	}
	if q.ends.Before(at) {
		q.ends = at
	}
	q.latest, q.cut = at, false
}

// Extend makes the audio that was begun or queued last until a time, if it ends before.
func (q *Queue) Extend(to time.Time) {
	d := to.Sub(q.ends)
	if q.started.IsZero() || q.cut || d <= 0 {
		return
	}
	q.queued += d
	q.added += d
	q.ends = to
}

func (q *Queue) pause(d time.Duration) {
	if d <= tolerance {
		return
	}
	q.Underruns.Count++
	if len(q.Pauses) < maxPauses {
		q.Pauses = append(q.Pauses, d)
	}
	q.Underruns.Total += d
	q.Underruns.Longest = max(q.Underruns.Longest, d)
}

// MarkSent adds a mark after the audio that is queued.
func (q *Queue) MarkSent(name string) {
	if len(q.marks) == maxMarks {
		q.marks = slices.Delete(q.marks, 0, 1)
	}
	q.marks = append(q.marks, mark{name, q.queued})
}

// MarkPlayed reports that a mark came back at a time: the audio before it was played. It returns false
// for a mark that was not sent, that was returned before, or whose audio was dropped.
func (q *Queue) MarkPlayed(name string, at time.Time) bool {
	i := slices.IndexFunc(q.marks, func(m mark) bool { return m.name == name })
	if i < 0 {
		return false
	}
	position := q.marks[i].position
	q.marks = slices.Delete(q.marks, 0, i+1)
	q.Confirmed = true
	// The rest is played from now on, if the line had not run dry in between.
	if rest := q.queued - position; rest > 0 {
		q.ends = at.Add(rest)
	} else {
		q.ends = at
	}
	return true
}

// Clear drops the audio that is not played yet. It returns how much was dropped.
func (q *Queue) Clear(at time.Time) (dropped time.Duration) {
	if q.cut {
		return 0
	}
	q.played = q.Played(at)
	dropped = max(q.queued-q.played, 0)
	q.queued = q.played
	q.cut, q.marks = true, nil
	if q.ends.After(at) {
		q.ends = at
	}
	return dropped
}

// Started returns when the first audio was played, or the zero time.
func (q *Queue) Started() time.Time { return q.started }

// Ends returns when all audio that is queued will have been played, or was dropped.
func (q *Queue) Ends() time.Time { return q.ends }

// Latest returns when the latest audio was queued, or the zero time.
func (q *Queue) Latest() time.Time { return q.latest }

// Added returns how much audio was queued in all.
func (q *Queue) Added() time.Duration { return q.added }

// Played returns how much audio was played at a time.
func (q *Queue) Played(at time.Time) time.Duration {
	switch {
	case q.started.IsZero():
		return 0
	case q.cut:
		return q.played
	case !q.ends.After(at):
		return q.queued
	}
	return max(q.queued-q.ends.Sub(at), 0)
}

// Waiting reports whether audio is to be played after a time, or a mark has not come back that may
// still come.
func (q *Queue) Waiting(at time.Time) bool {
	return !q.cut && (q.ends.After(at) || len(q.marks) > 0 && at.Sub(q.ends) < late)
}

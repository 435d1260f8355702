// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/audioclock"
)

// An onset is when the first audible sample of an answer plays. Audio whose samples are not known counts
// as audible.
type onset struct {
	at   time.Time // Zero while no audible sample is known.
	size int64
	last byte // The last byte, which may be the first half of a sample.
}

// add adds audio that begins to play at a time.
func (o *onset) add(f otelvoice.AudioFormat, data []byte, plays time.Time) {
	if !o.at.IsZero() {
		return
	}
	if f.Duration(int64(len(data))) == 0 {
		o.at = plays
		return
	}
	i, found := audioclock.Format(f).FirstAudible(o.last, data, o.size)
	o.size += int64(len(data))
	o.last = data[len(data)-1]
	if found {
		o.at = plays.Add(f.Duration(int64(max(i, 0))))
	}
}

// hear marks the agent's start once the first audible sample was played.
func (c *Call) hear(t *turn, now time.Time) {
	if t != nil && !t.isHeard && !t.onset.at.IsZero() && !t.onset.at.After(now) && (!t.isCut || !t.onset.at.After(t.cut)) {
		t.isHeard = true
		t.mark(otelvoice.AgentStarted, t.onset.at)
	}
}

// maxParts is how many parts of an answer are told apart. A turn keeps a bounded number of marks.
const maxParts = 8

// endPart marks the agent's end before audio that comes now, if the agent has been silent for longer than
// between sentences: an answer may wait for a tool. It reports whether the audio begins another part of
// the answer.
func (c *Call) endPart(t *turn, now time.Time) bool {
	ended := t.queue.Ends()
	if t.parts == maxParts || now.Sub(ended) <= pause {
		return false
	}
	c.hearAll(t, ended)
	if t.isHeard {
		t.mark(otelvoice.AgentStopped, ended)
	}
	t.parts++
	t.isHeard, t.onset = false, onset{}
	return true
}

// leading is the longest silence at the start of an answer that a voice begins with. An answer that was cut
// in it was not heard.
const leading = 250 * time.Millisecond

// hearAll marks the agent's start in an answer whose audio is over. If no sample of it is audible, it is
// the start of its audio: a voice may be quieter than what counts as silence. What was not played is not
// heard.
func (c *Call) hearAll(t *turn, stopped time.Time) {
	if t.onset.at.IsZero() && (!t.isCut || t.queue.Played(stopped) > leading) {
		t.onset.at = t.part
	}
	c.hear(t, stopped)
}

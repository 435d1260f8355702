// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package latency

import "time"

// A Side is a side of the conversation.
type Side uint8

// The sides.
const (
	User Side = iota
	Agent
)

// marks returns the marks of a side's speech, and when the other side starts, if that matters.
func (s Side) marks() (start, stop, other Mark) {
	if s == Agent {
		return AgentStarted, AgentStopped, 0
	}
	return UserStarted, UserStopped, AgentStarted
}

// A Speech is a time in which a side spoke. To is the zero time if the end is not known.
type Speech struct{ From, To time.Time }

// MaxSpeech bounds how often a side speaks in a turn.
const MaxSpeech = maxMarks

// AppendSpeech appends the times in which a side spoke, in order. It returns false if some of them may be
// missing.
//
//   - The marks count in the order of time. A side that has started and starts again, speaks on. So
//     does one that starts when it stops.
//   - A side that has stopped and stops again without a start, spoke until then: the end of speech was
//     corrected, or the pause is a part of the speech, as it is for the response latency. But if the
//     agent started in between, the user spoke over it, and the start is not known.
//   - A stop without a start is of speech that is missing, as with a clock that jumps.
//   - Speech that stops when it starts is of a program that does not know its length. It is missing.
//   - A start without a later stop is appended without an end.
//   - When a mark has reached its bound, some may be missing.
func (m *Marks) AppendSpeech(to []Speech, side Side) (speech []Speech, known bool) {
	type instant struct {
		mark Mark
		at   time.Time
	}
	var marks [3 * maxMarks]instant
	start, stop, other := side.marks()
	n := 0
	for _, o := range m.list {
		if o.Mark != start && o.Mark != stop && o.Mark != other {
			continue
		}
		i := n
		for ; i > 0 && marks[i-1].at.After(o.At); i-- {
			marks[i] = marks[i-1]
		}
		marks[i] = instant{o.Mark, o.At}
		n++
	}
	known = m.counts[start] < maxMarks && m.counts[stop] < maxMarks
	var current Speech
	interrupted := false // The other side started since the last stop.
	for _, o := range marks[:n] {
		switch o.mark {
		case start:
			switch {
			case current.From.IsZero() || !current.To.IsZero() && !current.To.Equal(o.at):
				to = appendSpeech(to, current, &known)
				current = Speech{From: o.at}
			default:
				current.To = time.Time{}
			}
		case stop:
			if current.From.IsZero() || interrupted && !current.To.IsZero() {
				known = false
				continue
			}
			current.To, interrupted = o.at, false
		default:
			interrupted = true
		}
	}
	if !current.From.IsZero() && current.To.IsZero() {
		return append(to, current), known
	}
	to = appendSpeech(to, current, &known)
	return to, known
}

// appendSpeech appends speech unless it has no length.
func appendSpeech(to []Speech, s Speech, known *bool) []Speech {
	if s.To.After(s.From) {
		return append(to, s)
	}
	*known = *known && s.From.IsZero()
	return to
}

// Has reports whether a side has a mark.
func (m *Marks) Has(side Side) bool {
	start, stop, _ := side.marks()
	return m.counts[start] > 0 || m.counts[stop] > 0
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import "time"

// occurrence is a mark and when it happened.
type occurrence struct {
	mark   Mark
	at     time.Time
	anchor Anchor // Of UserStopped.
}

// maxMarks bounds how many occurrences of each mark a turn keeps. A turn has about ten marks,
// and more when the user hesitates or the agent speaks in many sentences.
const maxMarks = 16

// marks is what happened in a turn, in the order in which it was reported. The array holds
// an ordinary turn without allocation.
//
// Each mark has a bound of its own: a user who pauses a hundred times does not keep out the
// marks that come after. When a mark has reached its bound, the occurrence goes that bounds no
// segment. If occurrences come in the order of time, the latency is the same as without a bound.
// If AgentStarted is reported after 16 ends of speech that came after it, the one that counts is
// gone, and the latency is unknown.
type marks struct {
	list   []occurrence
	small  [16]occurrence
	counts [markCount]uint8
}

// add remembers an occurrence.
func (m *marks) add(o occurrence) {
	if m.list == nil {
		m.list = m.small[:0]
	}
	if m.counts[o.mark] < maxMarks {
		m.counts[o.mark]++
		m.list = append(m.list, o)
		return
	}
	if i := m.dispensable(o); i >= 0 {
		m.list[i] = o
	}
}

// dispensable returns the index of the occurrence to replace by o, or -1 if o itself is the
// one that is not needed.
func (m *marks) dispensable(o occurrence) int {
	heard, known := m.heard()
	switch {
	case o.mark == AgentStarted: // The first one counts.
		if i := m.latestOf(o.mark); m.list[i].at.After(o.at) {
			return i
		}
		return -1
	case known && o.at.After(heard): // It comes too late to bound a segment.
		return -1
	}
	if known {
		if i := m.latestOf(o.mark); m.list[i].at.After(heard) {
			return i
		}
	}
	earliest, next := m.earliestOf(o.mark)
	switch o.mark {
	case LLMRequested, FirstToken, TTSRequested, FirstByte:
		// The first one after the end of the user's speech counts, or the last one before it.
		if stopped, ok := m.last(UserStopped); ok && !m.list[earliest].at.Before(stopped.at) {
			return next
		}
	default: // The last one counts.
	}
	return earliest
}

// latestOf returns the index of the latest occurrence of a mark that has some.
func (m *marks) latestOf(mark Mark) (latest int) {
	latest = -1
	for i, o := range m.list {
		if o.mark == mark && (latest < 0 || o.at.After(m.list[latest].at)) {
			latest = i
		}
	}
	return latest
}

// earliestOf returns the indexes of the two earliest occurrences of a mark that has at least two.
func (m *marks) earliestOf(mark Mark) (earliest, next int) {
	earliest, next = -1, -1
	for i, o := range m.list {
		switch {
		case o.mark != mark:
		case earliest < 0 || o.at.Before(m.list[earliest].at):
			earliest, next = i, earliest
		case next < 0 || o.at.Before(m.list[next].at):
			next = i
		}
	}
	return earliest, next
}

// firstWithin returns the earliest occurrence from from until until. With none there it
// returns the latest before from: work begun ahead of time, as when an agent asks the LLM
// before the user is quite done.
func (m *marks) firstWithin(mark Mark, from, until time.Time) (at time.Time, ok bool) {
	var before time.Time
	for _, o := range m.list {
		switch {
		case o.mark != mark || o.at.After(until):
		case o.at.Before(from):
			if before.IsZero() || o.at.After(before) {
				before = o.at
			}
		case !ok || o.at.Before(at):
			at, ok = o.at, true
		}
	}
	if !ok && !before.IsZero() {
		return before, true
	}
	return at, ok
}

// lastUntil returns the latest occurrence at or before until.
func (m *marks) lastUntil(mark Mark, until time.Time) (last occurrence, ok bool) {
	for _, o := range m.list {
		if o.mark == mark && !o.at.After(until) && (!ok || !o.at.Before(last.at)) {
			last, ok = o, true
		}
	}
	return last, ok
}

// heard returns when the agent was heard first.
func (m *marks) heard() (at time.Time, ok bool) {
	for _, o := range m.list {
		if o.mark == AgentStarted && (!ok || o.at.Before(at)) {
			at, ok = o.at, true
		}
	}
	return at, ok
}

// last returns the latest occurrence.
func (m *marks) last(mark Mark) (last occurrence, ok bool) {
	for _, o := range m.list {
		if o.mark == mark && (!ok || !o.at.Before(last.at)) {
			last, ok = o, true
		}
	}
	return last, ok
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"slices"
	"time"
)

// An Anchor is one of the values of voice.turn.anchor.
type Anchor string

// An Occurrence is a mark with its time.
type Occurrence struct {
	Mark Mark
	// IsObserved is true for an occurrence that gives way to the program's.
	IsObserved bool

	At     time.Time
	Anchor Anchor // Of UserStopped.
}

// maxMarks bounds how many occurrences of each mark a turn keeps. A turn has about ten marks,
// and more when the user hesitates or the agent speaks in many sentences.
const maxMarks = 16

// Marks holds the occurrences of a turn, in the order in which they were reported. The array
// holds an ordinary turn without allocation.
//
// Each mark has its own bound, so that a user who pauses a hundred times does not displace
// other marks. When a mark has reached its bound, Add drops an occurrence that ends no
// segment. If occurrences are added in the order of time, the latency is the same as without
// a bound. If AgentStarted is added after 16 later ends of speech, the end of speech that
// counts was dropped, and the latency is unknown.
type Marks struct {
	list   []Occurrence
	small  [16]Occurrence
	counts [markCount]uint8
}

// Add adds an occurrence.
func (m *Marks) Add(o Occurrence) {
	if m.list == nil {
		m.list = m.small[:0]
	}
	if !o.IsObserved {
		m.dropObserved(o.Mark)
	}
	if m.counts[o.Mark] < maxMarks {
		m.counts[o.Mark]++
		m.list = append(m.list, o)
		return
	}
	if i := m.dispensable(o); i >= 0 {
		m.list[i] = o
	}
}

// AddObserved adds an occurrence that gives way to the program's. It reports false if the program has
// marked the same.
func (m *Marks) AddObserved(o Occurrence) bool {
	for _, had := range m.list {
		if had.Mark == o.Mark && !had.IsObserved {
			return false
		}
	}
	o.IsObserved = true
	m.Add(o)
	return true
}

// dropObserved removes the observed occurrences of a mark.
func (m *Marks) dropObserved(mark Mark) {
	m.list = slices.DeleteFunc(m.list, func(o Occurrence) bool {
		drop := o.Mark == mark && o.IsObserved
		if drop {
			m.counts[mark]--
		}
		return drop
	})
}

// dispensable returns the index of the occurrence that o replaces, or -1 if o itself is not
// needed.
func (m *Marks) dispensable(o Occurrence) int {
	started, known := m.AgentStarted()
	switch {
	case o.Mark == AgentStarted: // The first one counts.
		if i := m.latestOf(o.Mark); m.list[i].At.After(o.At) {
			return i
		}
		return -1
	case known && o.At.After(started): // It is too late to end a segment.
		return -1
	}
	if known {
		if i := m.latestOf(o.Mark); m.list[i].At.After(started) {
			return i
		}
	}
	earliest, next := m.earliestOf(o.Mark)
	switch o.Mark {
	case LLMRequested, FirstToken, TTSRequested, FirstByte:
		// The first one after the end of the user's speech counts, or the last one before it.
		if stopped, ok := m.Last(UserStopped); ok && !m.list[earliest].At.Before(stopped.At) {
			return next
		}
	default: // The last one counts.
	}
	return earliest
}

// latestOf returns the index of the latest occurrence of a mark, or -1.
func (m *Marks) latestOf(mark Mark) (latest int) {
	latest = -1
	for i, o := range m.list {
		if o.Mark == mark && (latest < 0 || o.At.After(m.list[latest].At)) {
			latest = i
		}
	}
	return latest
}

// earliestOf returns the indexes of the two earliest occurrences of a mark that has at least two.
func (m *Marks) earliestOf(mark Mark) (earliest, next int) {
	earliest, next = -1, -1
	for i, o := range m.list {
		switch {
		case o.Mark != mark:
		case earliest < 0 || o.At.Before(m.list[earliest].At):
			earliest, next = i, earliest
		case next < 0 || o.At.Before(m.list[next].At):
			next = i
		}
	}
	return earliest, next
}

// firstWithin returns the earliest occurrence from from until until. If there is none, it
// returns the latest one before from: some agents request the LLM before the user has
// stopped speaking.
func (m *Marks) firstWithin(mark Mark, from, until time.Time) (at time.Time, ok bool) {
	var before time.Time
	for _, o := range m.list {
		switch {
		case o.Mark != mark || o.At.After(until):
		case o.At.Before(from):
			if before.IsZero() || o.At.After(before) {
				before = o.At
			}
		case !ok || o.At.Before(at):
			at, ok = o.At, true
		}
	}
	if !ok && !before.IsZero() {
		return before, true
	}
	return at, ok
}

// LastUntil returns the latest occurrence at or before until.
func (m *Marks) LastUntil(mark Mark, until time.Time) (last Occurrence, ok bool) {
	for _, o := range m.list {
		if o.Mark == mark && !o.At.After(until) && (!ok || !o.At.Before(last.At)) {
			last, ok = o, true
		}
	}
	return last, ok
}

// AgentStarted returns when the agent was first heard.
func (m *Marks) AgentStarted() (at time.Time, ok bool) {
	for _, o := range m.list {
		if o.Mark == AgentStarted && (!ok || o.At.Before(at)) {
			at, ok = o.At, true
		}
	}
	return at, ok
}

// First returns the earliest occurrence.
func (m *Marks) First(mark Mark) (first Occurrence, ok bool) {
	for _, o := range m.list {
		if o.Mark == mark && (!ok || o.At.Before(first.At)) {
			first, ok = o, true
		}
	}
	return first, ok
}

// Last returns the latest occurrence.
func (m *Marks) Last(mark Mark) (last Occurrence, ok bool) {
	for _, o := range m.list {
		if o.Mark == mark && (!ok || !o.At.Before(last.At)) {
			last, ok = o, true
		}
	}
	return last, ok
}

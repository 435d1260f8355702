// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package latency

import "time"

// A Wait is the time in which the user has waited for the agent's voice, up to an instant.
type Wait struct {
	// UserStopped is when it began.
	UserStopped time.Time
	// Over has the time so far and the segments that are over.
	Over Breakdown
	// IsOwed reports whether the agent was at work on an answer, and no audio of it had arrived: audio
	// may have been heard without a mark.
	IsOwed bool

	isOver bool // The user has started to speak again.
	open   int  // The index of the open segment, or -1 if it is not known.
	// since is when the open segment began, after UserStopped.
	since time.Duration
}

// Waiting returns the wait that lasts until an instant. It returns false if the user does not wait then:
// the end of speech is unknown, lies after until or over an hour before it, the user has started to speak
// again, or the agent was heard.
//
// The open segment follows that of the last mark. It is not known if that mark is from before the end of
// speech: an answer that was prepared early may still count, or the agent starts again.
func (m *Marks) Waiting(until time.Time) (w Wait, ok bool) {
	if w, ok = m.Waited(until); !ok || w.isOver {
		return Wait{}, false
	}
	return w, true
}

// Waited does the same for a wait that ended when the user started to speak again, or at until.
func (m *Marks) Waited(until time.Time) (w Wait, ok bool) {
	stopped, known := m.Last(UserStopped)
	_, heard := m.AgentStarted()
	if !known || heard {
		return Wait{}, false
	}
	t0 := stopped.At
	for _, o := range m.list {
		if o.Mark == UserStarted && o.At.After(t0) {
			w.isOver = true
			until = earlier(until, o.At)
		}
	}
	waited := until.Sub(t0)
	if waited < 0 || waited > Max {
		return Wait{}, false
	}
	w.UserStopped = t0
	w.Over.Response, w.Over.Anchor = waited, stopped.Anchor
	early := false // The last mark is from before t0.
	for i, boundary := range boundaries {
		at, found := m.boundary(boundary.mark, boundary.latest, t0, until)
		if !found {
			continue
		}
		early = at.Before(t0)
		offset := min(max(at.Sub(t0), w.since), waited)
		w.Over.add(boundary.segment, offset-w.since)
		w.open, w.since = i+1, offset
	}
	w.IsOwed = w.open > 1 && w.open < maxSegments-1
	if early {
		w.open = -1
	}
	return w, true
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// SoFar returns the time so far, the segments that are over, and the open one with its time so far.
func (w *Wait) SoFar() Breakdown {
	b := w.Over
	if w.open >= 0 {
		b.add(nameOf(w.open), b.Response-w.since)
	}
	return b
}

// A Deadline is when a budget is spent.
type Deadline struct {
	At     time.Duration // After UserStopped.
	Budget time.Duration
	Set    Exceeded    // The one budget.
	Name   SegmentName // Empty for the budget of the response.
	Since  time.Time   // When the budget began to count.
}

// Next returns the earliest deadline of the response and of the open segment that is not in told.
func (b *Budgets) Next(w *Wait, told Exceeded) (d Deadline, ok bool) {
	if b.Response > 0 && !told.Has(ExceededResponse) {
		d, ok = Deadline{At: b.Response, Budget: b.Response, Set: ExceededResponse, Since: w.UserStopped}, true
	}
	if w.open < 0 || b.segments[w.open] == 0 || told.Has(ofSegment(w.open)) {
		return d, ok
	}
	if at := w.since + b.segments[w.open]; !ok || at < d.At {
		d = Deadline{
			At: at, Budget: b.segments[w.open], Set: ofSegment(w.open),
			Name: nameOf(w.open), Since: w.UserStopped.Add(w.since),
		}
	}
	return d, true
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package queue

import (
	"path/filepath"
	"slices"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// MaxOpen is the number of segments of a signal that are open at a time, in addition to the lock
// of their owner and to segments being read or rewritten. Open segments survive the deletion of
// their file.
const MaxOpen = 4

// Drop counts and logs lost items.
func (q *Queue) Drop(reason string, items int) {
	q.Stats.Drop(reason, items)
	q.Report.Dropping(q.Signal, reason, items)
}

// DropOldest drops the oldest request in memory, or the oldest segment on disk, because a file
// cannot be shortened at its beginning. The request being delivered is not dropped: the sender
// holds it. DropOldest reports whether it dropped anything.
func (q *Queue) DropOldest(memory bool, reason string) bool {
	for i, s := range q.Segments {
		if s.InMemory() != memory || s.Reading {
			continue
		}
		if memory {
			j := slices.IndexFunc(s.Entries, func(e *segment.Entry) bool { return e != q.sending })
			if j < 0 {
				continue
			}
			e := s.Entries[j]
			q.remove(e)
			q.Drop(reason, e.Items)
			return true
		}
		lost := s.Waiting().Items
		for _, e := range s.Entries {
			q.unlist(e)
			e.Segment = nil
			if e == q.sending { // The sender will count it.
				lost -= e.Items
			}
		}
		q.forget(i)
		if lost > 0 {
			q.Drop(reason, lost)
		}
		return true
	}
	return false
}

// forget deletes a segment.
func (q *Queue) forget(i int) {
	s := q.Segments[i]
	if !s.InMemory() {
		q.OnDisk -= s.Size
		delete(q.Known, filepath.Base(s.Path))
	}
	s.Remove()
	q.Segments = slices.Delete(q.Segments, i, i+1)
}

// limitOpen closes segments if too many are open, except the one just opened, the oldest (from
// which the sender takes) and the newest.
func (q *Queue) limitOpen(opened *segment.Segment) {
	open := 1
	for _, s := range q.Segments {
		if s.File != nil && s != opened {
			open++
		}
	}
	for i := 1; i < len(q.Segments) && open > MaxOpen; i++ {
		s := q.Segments[i]
		if s.File == nil || s == opened || s == q.Last() && s.Own || s.Reading || s.Lost || q.sending != nil && q.sending.Segment == s {
			continue
		}
		if s.FileProblem(q.Signal) != "" { // Its requests can only be read while it is open.
			q.anyLost = true
			continue
		}
		s.Close()
		open--
	}
}

// Health returns the state of the queue.
func (q *Queue) Health(now time.Time) report.Health {
	h := report.Health{Signal: q.Signal, Sent: q.Stats.Sent.Load(), Retried: q.Stats.Retried.Load(), Dropped: q.Stats.Drops(), Delivering: !q.Stats.Failing.Load()}
	d := q.Depth()
	h.Requests, h.Items, h.Disk, h.Memory = d.Requests, d.Items, d.disk, d.memory
	h.Aside, h.AsideItems = d.AsideRequests, d.AsideItems
	if !d.oldest.IsZero() {
		h.Oldest = max(now.Sub(d.oldest), 0)
	}
	h.LastError, h.LastErrorAt = q.Stats.LastFailure()
	return h
}

// Refuse drops items that the collector rejected.
func (q *Queue) Refuse(reason string, items int, message string) {
	q.Drop(reason, items)
	q.Stats.Explain(message)
}

// LastError returns the newest failure.
func (q *Queue) LastError() string {
	failure, _ := q.Stats.LastFailure()
	return failure
}

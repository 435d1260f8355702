// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"path/filepath"
	"slices"
)

// maxOpen is how many segments of a signal are open at a time, beside the lock of their owner
// and what is being read or written anew. What is open outlives the deletion of its file.
const maxOpen = 4

func (q *queue) drop(reason string, items int) {
	q.stats.drop(reason, items)
	q.tell.dropping(q.signal, reason, items)
}

// dropOldest makes room: of memory the oldest request, of the disk the oldest segment, for a
// file can only be shortened by being deleted. What is being delivered is not dropped: its
// sender has it. It reports whether there was something to drop.
func (q *queue) dropOldest(memory bool, reason string) bool {
	for i, s := range q.segments {
		if s.inMemory() != memory || s.reading {
			continue
		}
		if memory {
			j := slices.IndexFunc(s.entries, func(e *entry) bool { return e != q.sending })
			if j < 0 {
				continue
			}
			e := s.entries[j]
			q.remove(e)
			q.drop(reason, e.items)
			return true
		}
		lost := s.waiting().items
		for _, e := range s.entries {
			q.unlist(e)
			e.segment = nil
			if e == q.sending { // The sender will count it.
				lost -= e.items
			}
		}
		q.forget(i)
		if lost > 0 {
			q.drop(reason, lost)
		}
		return true
	}
	return false
}

// forget deletes a segment.
func (q *queue) forget(i int) {
	s := q.segments[i]
	if !s.inMemory() {
		q.onDisk -= s.size
		delete(q.known, filepath.Base(s.path))
	}
	s.remove()
	q.segments = slices.Delete(q.segments, i, i+1)
}

// limitOpen closes segments of which too many are open, but not the one that was opened,
// the oldest, from which the sender takes, nor the newest.
func (q *queue) limitOpen(opened *segment) {
	open := 1
	for _, s := range q.segments {
		if s.file != nil && s != opened {
			open++
		}
	}
	for i := 1; i < len(q.segments) && open > maxOpen; i++ {
		s := q.segments[i]
		if s.file == nil || s == opened || s == q.last() && s.own || s.reading || s.lost || q.sending != nil && q.sending.segment == s {
			continue
		}
		if s.trouble(q.signal) != "" { // It is only reachable while it is open.
			q.anyLost = true
			continue
		}
		s.close()
		open--
	}
}

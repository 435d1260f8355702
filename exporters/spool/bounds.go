// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import "slices"

func (q *queue) drop(reason string, items int) {
	q.stats.drop(reason, items)
	q.tell.dropping(q.signal, reason, items)
}

// dropOldest makes room: of memory the oldest request, of the disk the oldest segment, for a
// file can only be shortened by being deleted. What is being delivered is not dropped: its
// sender has it. It reports whether there was something to drop.
func (q *queue) dropOldest(memory bool, reason string) bool {
	for i, s := range q.segments {
		if s.inMemory() != memory {
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
		lost := 0
		for _, e := range s.entries {
			q.unlist(e)
			e.segment = nil
			if e != q.sending { // The sender will count it.
				lost += e.items
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
		delete(q.known, s.path)
	}
	s.remove()
	q.segments = slices.Delete(q.segments, i, i+1)
}

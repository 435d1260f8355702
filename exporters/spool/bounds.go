// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import "slices"

func (q *queue) drop(reason string, items int) {
	q.stats.drop(reason, items)
	q.tell.dropping(q.signal, reason, items)
}

// dropOldest makes room: of memory the oldest request, of the disk the oldest segment,
// for a file can only be shortened by being deleted. What is being delivered stays. It
// reports whether there was something to drop.
func (q *queue) dropOldest(memory bool, reason string) bool {
	for i, s := range q.segments {
		if s.inMemory() != memory {
			continue
		}
		first := i == 0 && q.busy // Its oldest is on its way.
		if memory {
			at := 0
			if first {
				at = 1
			}
			if len(s.pending) <= at {
				continue
			}
			p := s.pending[at]
			s.pending = slices.Delete(s.pending, at, at+1)
			s.size -= int64(p.size)
			q.inMemory -= int64(p.size)
			q.drop(reason, p.items)
			return true
		}
		lost := s.items()
		if first { // It is in the sender's hands, who will count it.
			lost -= s.pending[0].items
		}
		q.forget(i)
		if first {
			held := s.pending[0] // Whoever is sending it has what is in it.
			held.size = 0
			q.segments = slices.Insert(q.segments, 0, &segment{pending: []pending{held}, gone: true})
		}
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

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

// close leaves what is on disk to the next process, and counts as lost what is in memory
// and the disk does not take. Nobody must be delivering.
func (q *queue) close() (lost int) {
	q.spill()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, s := range q.segments {
		n := s.items()
		switch {
		case s.inMemory():
			lost += n
		case len(s.entries) == 0:
			s.remove()
		default:
			s.release()
		}
	}
	q.segments, q.aside, q.onDisk, q.inMemory = nil, nil, 0, 0
	if lost > 0 {
		q.stats.drop(reasonShutdown, lost)
	}
	q.signalChange()
	return lost
}

// spill writes what is only in memory to the disk, where it comes before what was put
// later, and reports whether nothing is left in memory.
func (q *queue) spill() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, s := range q.segments {
		if !s.inMemory() || len(s.entries) == 0 {
			continue
		}
		if q.cfg.Dir == "" {
			return false
		}
		fresh, err := createSegment(q.cfg.Dir, q.signal, s.entries[0].at, newID())
		if err != nil {
			return false
		}
		if err := fresh.moveFrom(s); err != nil {
			fresh.remove()
			return false
		}
		q.known[fresh.path] = true
		q.inMemory -= s.size
		q.onDisk += fresh.size
		q.segments[i] = fresh
	}
	return true
}

// moveFrom writes all requests of a segment in memory, whose entries it takes over. On an
// error they stay where they are.
func (s *segment) moveFrom(memory *segment) error {
	places := make([]found, len(memory.entries))
	for i, e := range memory.entries {
		if err := s.write(e.request, appendRecord(nil, e.request)); err != nil {
			return err
		}
		places[i] = s.entries[i].found
	}
	for i, e := range memory.entries {
		e.segment, e.found, e.request = s, places[i], request{}
	}
	s.entries, memory.entries = memory.entries, nil
	return nil
}

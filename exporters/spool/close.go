// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"path/filepath"
	"time"
)

// close leaves what is on disk to the next process. It returns how many items are lost
// because they were only in memory, and how many because another program removed their
// files, since the start. Nothing may be being delivered.
func (q *queue) close() (inMemory, removed int) {
	q.spill()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, s := range q.segments {
		n := s.waiting().items
		switch {
		case s.inMemory():
			inMemory += n
		case s.lost:
			q.lose(n)
			s.release()
		case s.empty():
			s.remove()
		default:
			s.release()
		}
	}
	q.owner.release()
	q.segments, q.aside, q.onDisk, q.inMemory = nil, nil, 0, 0
	q.left, q.leftBytes = nil, 0
	if inMemory > 0 {
		q.stats.drop(reasonShutdown, inMemory)
	}
	q.signalChange()
	return inMemory, q.removed
}

// spill writes what is only in memory, or in files that another program has removed, to the
// disk. It comes before what was put later. It reports whether all is on disk.
func (q *queue) spill() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.inspect(time.Now(), true)
	all := !q.anyLost
	for i, s := range q.segments {
		if !s.inMemory() || len(s.entries) == 0 {
			continue
		}
		if q.cfg.Dir == "" {
			return false
		}
		fresh, err := q.create(s.begins())
		if err != nil {
			return false
		}
		q.onDisk -= fresh.size
		if err := fresh.moveFrom(s); err != nil {
			delete(q.known, filepath.Base(fresh.path))
			fresh.remove()
			return false
		}
		q.inMemory -= s.size
		q.onDisk += fresh.size
		q.segments[i] = fresh
		q.limitOpen(fresh)
	}
	return all
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

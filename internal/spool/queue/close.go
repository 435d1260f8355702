// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package queue

import (
	"path/filepath"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/report"
)

// Close leaves requests on disk to the next process. It returns the number of items that are lost because
// they were only in memory, and the number since the start that were lost because another program
// removed their files. It must not be called during a delivery.
func (q *Queue) Close() (inMemory, removed int) {
	q.Spill()
	q.Mu.Lock()
	defer q.Mu.Unlock()
	q.closed = true
	for _, s := range q.Segments {
		n := s.Waiting().Items
		switch {
		case s.InMemory():
			inMemory += n
		case s.Lost:
			q.lose(n)
			s.Release()
		case s.Empty():
			s.Remove()
		default:
			s.Release()
		}
	}
	q.owner.Release()
	q.Segments, q.aside, q.OnDisk, q.inMemory = nil, nil, 0, 0
	q.Leftovers, q.leftoverBytes = nil, 0
	if inMemory > 0 {
		q.Stats.Drop(report.ReasonShutdown, inMemory)
	}
	q.signalChange()
	return inMemory, q.removed
}

// Spill writes requests that are only in memory, or in files that another program removed, to the disk.
// They keep their place before later requests. It reports whether all requests are on disk.
func (q *Queue) Spill() bool {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	q.inspect(time.Now(), true)
	all := !q.anyLost
	for i, s := range q.Segments {
		if !s.InMemory() || len(s.Entries) == 0 {
			continue
		}
		if q.Cfg.Dir == "" {
			return false
		}
		fresh, err := q.create(s.Begins())
		if err != nil {
			return false
		}
		q.OnDisk -= fresh.Size
		if err := fresh.MoveFrom(s); err != nil {
			delete(q.Known, filepath.Base(fresh.Path))
			fresh.Remove()
			return false
		}
		q.inMemory -= s.Size
		q.OnDisk += fresh.Size
		q.Segments[i] = fresh
		q.limitOpen(fresh)
	}
	return all
}

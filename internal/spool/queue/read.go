// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package queue

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// leftoverNext stands for the oldest leftover.
var leftoverNext = &segment.Segment{}

// read reads a closed segment, or the oldest leftover. The caller holds the lock, which is
// released during the read.
func (q *Queue) read(s *segment.Segment, now time.Time) {
	if s == leftoverNext {
		if s = q.readLeftover(now); s != nil {
			at := slices.IndexFunc(q.Segments, func(o *segment.Segment) bool { return o.Begins() > s.Born })
			if at < 0 {
				at = len(q.Segments)
			}
			q.Segments = slices.Insert(q.Segments, at, s)
			q.limitOpen(s)
		}
		if len(q.Leftovers) == 0 && q.moreLeftovers {
			q.moreLeftovers = false
			q.Mu.Unlock()
			q.Adopt()
			q.Mu.Lock()
		}
		return
	}
	from := max(s.Resume, int64(segment.FileStart))
	s.Reading = true
	q.Mu.Unlock()
	r, damaged, err := segment.ReadSegment(s.Path, q.Signal, from)
	q.Mu.Lock()
	s.Reading = false
	if err != nil {
		q.cannotRead(s, err, now)
		return
	}
	was := s.Unread
	s.File, s.Info, s.Entries, s.Resume, s.Unread = r.File, r.Info, r.Entries, r.Resume, nil
	for _, e := range s.Entries {
		e.Segment = s
	}
	if from == int64(segment.FileStart) { // Its number of items is known.
		damaged = was.Items - s.Waiting().Items
	}
	if damaged > 0 {
		q.Drop(report.ReasonDamaged, damaged)
	}
	q.limitOpen(s)
}

// reopen opens a closed segment whose entries are in memory.
func (q *Queue) reopen(s *segment.Segment, now time.Time) bool {
	f, info, err := segment.OpenSegment(s.Path)
	if err != nil {
		q.cannotRead(s, err, now)
		if now.Before(s.RetryAt) {
			for _, e := range s.Entries { // All of them are set aside.
				e.Until = s.RetryAt
			}
		}
		return false
	}
	s.File, s.Info = f, info
	q.limitOpen(s)
	return true
}

// cannotRead handles a closed segment that could not be opened or read.
func (q *Queue) cannotRead(s *segment.Segment, err error, now time.Time) {
	switch {
	case errors.Is(err, segment.ErrLocked): // Another process is sending it: the owner's lock was deleted.
		q.detach(s)
	case errors.Is(err, fs.ErrNotExist):
		q.inspect(now, true)
		if slices.Contains(q.Segments, s) {
			q.lose(q.detach(s))
		}
	case isForeign(err):
		q.leave(filepath.Base(s.Path), err)
		q.lose(q.detach(s))
	default:
		s.RetryAt = now.Add(retryOpen)
		q.Report.Event("open "+string(q.Signal), "spool file cannot be opened, trying again: "+err.Error())
	}
	q.signalChange()
}

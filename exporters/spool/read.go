// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"time"
)

// leftoverNext stands for the oldest leftover.
var leftoverNext = &segment{}

// read reads a closed segment, or the oldest leftover. It is called with the lock held, which
// it gives up while it reads.
func (q *queue) read(s *segment, now time.Time) {
	if s == leftoverNext {
		if s = q.readLeftover(now); s != nil {
			at := slices.IndexFunc(q.segments, func(o *segment) bool { return o.begins() > s.born })
			if at < 0 {
				at = len(q.segments)
			}
			q.segments = slices.Insert(q.segments, at, s)
			q.limitOpen(s)
		}
		if len(q.left) == 0 && q.leftMore {
			q.leftMore = false
			q.mu.Unlock()
			q.adopt()
			q.mu.Lock()
		}
		return
	}
	from := max(s.resume, int64(fileStart))
	s.reading = true
	q.mu.Unlock()
	r, damaged, err := readSegment(s.path, q.signal, from)
	q.mu.Lock()
	s.reading = false
	if err != nil {
		q.cannotRead(s, err, now)
		return
	}
	was := s.unread
	s.file, s.info, s.entries, s.resume, s.unread = r.file, r.info, r.entries, r.resume, nil
	for _, e := range s.entries {
		e.segment = s
	}
	if from == int64(fileStart) { // It is known what was in it.
		damaged = was.items - s.waiting().items
	}
	if damaged > 0 {
		q.drop(reasonDamaged, damaged)
	}
	q.limitOpen(s)
}

// reopen opens a closed segment whose entries are in memory.
func (q *queue) reopen(s *segment, now time.Time) bool {
	f, info, err := openSegment(s.path)
	if err != nil {
		q.cannotRead(s, err, now)
		if now.Before(s.retryAt) {
			for _, e := range s.entries { // All of them are set aside.
				e.until = s.retryAt
			}
		}
		return false
	}
	s.file, s.info = f, info
	q.limitOpen(s)
	return true
}

// cannotRead decides about a closed segment that could not be opened or read.
func (q *queue) cannotRead(s *segment, err error, now time.Time) {
	switch {
	case errors.Is(err, errLocked): // Another process sends it: the owner's lock was deleted.
		q.detach(s)
	case errors.Is(err, fs.ErrNotExist):
		q.inspect(now, true)
		if slices.Contains(q.segments, s) {
			q.lose(q.detach(s))
		}
	case isForeign(err):
		q.leave(filepath.Base(s.path), err)
		q.lose(q.detach(s))
	default:
		s.retryAt = now.Add(retryOpen)
		q.tell.event("open "+string(q.signal), "spool file cannot be opened, trying again: "+err.Error())
	}
	q.signalChange()
}

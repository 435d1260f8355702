// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// checkAfter is how often a put looks whether the file that it writes to is still there.
const checkAfter = time.Second

// event reports something that has no end, at most once in the interval.
func (t *teller) event(what, message string, attrs ...slog.Attr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.about("event " + what)
	now := time.Now()
	if !s.told.IsZero() && now.Sub(s.told) < tellInterval {
		return
	}
	s.told = now
	t.say(slog.LevelWarn, message, attrs...)
}

// directoryGone says what became of the directory, "" if it is the one that it was.
func (q *queue) directoryGone() string {
	there, err := os.Stat(q.cfg.Dir)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return ""
	case err != nil:
		return "removed"
	case q.dirInfo != nil && !os.SameFile(q.dirInfo, there):
		return "replaced"
	case q.owner.file != nil && !q.owner.there(): // A new directory may have the number of the old one.
		return "emptied"
	}
	return ""
}

// trouble says what another program has done to the file, "" for nothing.
func (s *segment) trouble(signal Signal) string {
	there, err := os.Lstat(s.path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return ""
	case err != nil:
		return "removed"
	case !os.SameFile(s.info, there):
		return "replaced"
	case s.file == nil: // What is in it shows when it is read.
		return ""
	case there.Size() < s.size:
		return "truncated"
	}
	begin := make([]byte, fileStart)
	if _, err := s.file.ReadAt(begin, 0); err == nil && checkStart(begin, signal) != nil {
		return "overwritten"
	}
	return ""
}

// inspect looks whether the files are still there: that which grows or, if it is not, all
// of them. What is in a file that is gone, or was changed, but is still open is written
// anew; what cannot be had any more is counted. It is called with the lock held.
func (q *queue) inspect(now time.Time, all bool) {
	if q.cfg.Dir == "" {
		return
	}
	q.checkedAt = now
	if s := q.last(); !all && !q.anyLost && (s == nil || s.file == nil || s.trouble(q.signal) == "") {
		return
	}
	directory := q.directoryGone()
	if directory != "" && directory != "emptied" {
		_ = q.makeDirectory()
	}
	q.anyLost = false
	before, what, path := q.removed, "", ""
	for _, s := range slices.Clone(q.segments) {
		if s.inMemory() || s.reading {
			continue
		}
		why := s.trouble(q.signal)
		if why == "" {
			continue
		}
		what, path = why, s.path
		if s.file == nil {
			q.lose(q.detach(s))
			continue
		}
		q.rescue(s)
	}
	if directory != "" {
		q.loseLeftovers()
		_ = q.owner.hold()
	}
	q.sayWhatHappened(directory, what, path, q.removed-before)
}

// look inspects all files.
func (q *queue) look(now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	q.inspect(now, true)
	if q.owner.file != nil {
		_ = q.owner.hold()
	}
}

// sayWhatHappened is one line for all that an inspection has found.
func (q *queue) sayWhatHappened(directory, file, path string, lost int) {
	if directory == "emptied" && file == "" { // Only the owner's lock was deleted.
		return
	}
	var attrs []slog.Attr
	if lost > 0 {
		attrs = append(attrs, slog.Int("lost", lost))
	}
	end := ", writing " + string(q.signal) + " again to " + q.cfg.Dir
	if q.anyLost {
		end = ", and " + string(q.signal) + " cannot be written again to " + q.cfg.Dir + ": they are only in memory"
	}
	switch {
	case directory != "":
		q.tell.event("directory of "+string(q.signal), "spool directory was "+directory+end, attrs...)
	case file != "":
		q.tell.event("file of "+string(q.signal), "spool file "+path+" was "+file+" by another program"+end, attrs...)
	}
}

// makeDirectory makes the directory again, and remembers which one it is.
func (q *queue) makeDirectory() error {
	if err := os.MkdirAll(q.cfg.Dir, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(q.cfg.Dir)
	if err == nil {
		q.dirInfo = info
	}
	return err
}

// create makes a segment, and the directory if it is not there.
func (q *queue) create(born int64) (*segment, error) {
	made := func() (*segment, error) {
		if err := q.owner.hold(); errors.Is(err, fs.ErrNotExist) {
			return nil, err
		} // Any other failure leaves the lock of the segment, which is what counts.
		q.number++
		return createSegment(filepath.Join(q.cfg.Dir, segmentName(q.signal, born, q.owner.name, q.number)), q.signal)
	}
	s, err := made()
	if errors.Is(err, fs.ErrNotExist) {
		if err = q.makeDirectory(); err == nil {
			s, err = made()
		}
	}
	if err != nil {
		return nil, err
	}
	q.known[filepath.Base(s.path)] = true
	q.onDisk += s.size
	return s, nil
}

// rescue writes what is in an open segment to a new file, which takes its place. What does
// not come so far stays in the old one as long as the process has it open.
func (q *queue) rescue(s *segment) {
	at := slices.Index(q.segments, s)
	var fresh *segment
	if !s.empty() {
		s.lost, q.anyLost = true, true
		var err error
		if fresh, err = q.create(s.born); err != nil {
			q.diskFails(err)
			return
		}
		q.segments = slices.Insert(q.segments, at, fresh)
		if err := q.move(s, fresh); err != nil {
			q.diskFails(err)
			return
		}
		s.lost, q.anyLost = false, false
		for _, other := range q.segments {
			q.anyLost = q.anyLost || other.lost
		}
	}
	q.forget(slices.Index(q.segments, s))
}

// move writes the requests of a file to another one, and counts those that cannot be read.
func (q *queue) move(from, to *segment) error {
	for _, e := range slices.Clone(from.entries) {
		r, done, err := from.load(e, &q.buffers)
		raw := r.buffer
		if err != nil && e == q.sending { // The sender has what it is sending.
			r, err = q.inHand, nil
			raw = appendRecord(q.buffers.take(headerSize+len(r.payload)), r)
		}
		switch {
		case err == nil && !done:
			size := to.size
			if err := to.write(r, raw); err != nil {
				return err
			}
			q.onDisk += to.size - size
			last := len(to.entries) - 1
			moved := to.entries[last].found
			from.done(e)
			e.segment, e.found, to.entries[last] = to, moved, e
		default:
			if !done {
				q.drop(reasonDamaged, e.items)
			}
			q.unlist(e)
			from.forget(e)
		}
		q.buffers.give(raw)
	}
	return nil
}

// detach forgets a segment without touching its file, and returns how many items were in it.
func (q *queue) detach(s *segment) int {
	items := s.waiting().items
	for _, e := range s.entries {
		q.unlist(e)
		e.segment = nil
	}
	q.onDisk -= s.size
	delete(q.known, filepath.Base(s.path))
	q.segments = slices.DeleteFunc(q.segments, func(o *segment) bool { return o == s })
	return items
}

// loseLeftovers counts the leftovers that went with the directory: one item each, for it is
// not known how many were in them.
func (q *queue) loseLeftovers() {
	kept := q.left[:0]
	n := 0
	for _, l := range q.left {
		if _, err := os.Lstat(filepath.Join(q.cfg.Dir, l.name)); errors.Is(err, fs.ErrNotExist) {
			n++
			q.leftBytes -= l.size
			continue
		}
		kept = append(kept, l)
	}
	q.left = kept
	q.lose(n)
}

// lose counts items whose file another program has removed.
func (q *queue) lose(items int) {
	if items > 0 {
		q.removed += items
		q.drop(reasonRemoved, items)
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package queue

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// checkAfter is how often a put checks that the file that it writes to still exists.
const checkAfter = time.Second

// directoryGone describes what happened to the directory; "" if it is still the same.
func (q *Queue) directoryGone() string {
	there, err := os.Stat(q.Cfg.Dir)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return ""
	case err != nil:
		return "removed"
	case q.dirInfo != nil && !os.SameFile(q.dirInfo, there):
		return "replaced"
	case q.owner.File != nil && !q.owner.There(): // A new directory may have the inode number of the old one.
		return "emptied"
	}
	return ""
}

// inspect checks that the segment being written still exists and, if not, checks all files. The
// requests of a file that was removed or changed, but is still open, are written to a new file;
// those that cannot be read are counted as lost. The caller holds the lock.
func (q *Queue) inspect(now time.Time, all bool) {
	if q.Cfg.Dir == "" {
		return
	}
	q.CheckedAt = now
	if s := q.Last(); !all && !q.anyLost && (s == nil || s.File == nil || s.FileProblem(q.Signal) == "") {
		return
	}
	directory := q.directoryGone()
	if directory != "" && directory != "emptied" {
		_ = q.makeDirectory()
	}
	q.anyLost = false
	before, what, path := q.removed, "", ""
	for _, s := range slices.Clone(q.Segments) {
		if s.InMemory() || s.Reading {
			continue
		}
		why := s.FileProblem(q.Signal)
		if why == "" {
			continue
		}
		what, path = why, s.Path
		if s.File == nil {
			q.lose(q.detach(s))
			continue
		}
		q.rescue(s)
	}
	if directory != "" {
		q.loseLeftovers()
		_ = q.owner.Hold()
	}
	q.reportInspection(directory, what, path, q.removed-before)
}

// InspectAll inspects all files.
func (q *Queue) InspectAll(now time.Time) {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	if q.closed {
		return
	}
	q.inspect(now, true)
	if q.owner.File != nil {
		_ = q.owner.Hold()
	}
}

// reportInspection logs one line for all findings of an inspection.
func (q *Queue) reportInspection(directory, file, path string, lost int) {
	if directory == "emptied" && file == "" { // Only the owner's lock was deleted.
		return
	}
	var attrs []slog.Attr
	if lost > 0 {
		attrs = append(attrs, slog.Int("lost", lost))
	}
	end := ", writing " + string(q.Signal) + " again to " + q.Cfg.Dir
	if q.anyLost {
		end = ", and " + string(q.Signal) + " cannot be written again to " + q.Cfg.Dir + ": they are only in memory"
	}
	switch {
	case directory != "":
		q.Report.Event("directory of "+string(q.Signal), "spool directory was "+directory+end, attrs...)
	case file != "":
		q.Report.Event("file of "+string(q.Signal), "spool file "+path+" was "+file+" by another program"+end, attrs...)
	}
}

// makeDirectory creates the directory again and records its identity.
func (q *Queue) makeDirectory() error {
	if err := os.MkdirAll(q.Cfg.Dir, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(q.Cfg.Dir)
	if err == nil {
		q.dirInfo = info
	}
	return err
}

// create creates a segment, and the directory if it does not exist.
func (q *Queue) create(born int64) (*segment.Segment, error) {
	made := func() (*segment.Segment, error) {
		if err := q.owner.Hold(); errors.Is(err, fs.ErrNotExist) {
			return nil, err
		} // After any other failure the lock of the segment still protects it.
		q.number++
		return segment.CreateSegment(filepath.Join(q.Cfg.Dir, segment.SegmentName(q.Signal, born, q.owner.Name, q.number)), q.Signal)
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
	q.Known[filepath.Base(s.Path)] = true
	q.OnDisk += s.Size
	return s, nil
}

// rescue writes the requests of an open segment to a new file, which replaces it. If that
// fails, they stay in the old file as long as the process has it open.
func (q *Queue) rescue(s *segment.Segment) {
	at := slices.Index(q.Segments, s)
	var fresh *segment.Segment
	if !s.Empty() {
		s.Lost, q.anyLost = true, true
		var err error
		if fresh, err = q.create(s.Born); err != nil {
			q.diskFails(err)
			return
		}
		q.Segments = slices.Insert(q.Segments, at, fresh)
		if err := q.move(s, fresh); err != nil {
			q.diskFails(err)
			return
		}
		s.Lost, q.anyLost = false, false
		for _, other := range q.Segments {
			q.anyLost = q.anyLost || other.Lost
		}
	}
	q.forget(slices.Index(q.Segments, s))
}

// move writes the requests of a file to another one, and counts those that cannot be read.
func (q *Queue) move(from, to *segment.Segment) error {
	for _, e := range slices.Clone(from.Entries) {
		r, done, err := from.Load(e, &q.Buffers)
		raw := r.Buffer
		if err != nil && e == q.sending { // The sender holds the request that it is sending.
			r, err = q.sendingRequest, nil
			raw = segment.AppendRecord(q.Buffers.Take(segment.HeaderSize+len(r.Payload)), r)
		}
		switch {
		case err == nil && !done:
			size := to.Size
			if err := to.Write(r, raw); err != nil {
				return err
			}
			q.OnDisk += to.Size - size
			last := len(to.Entries) - 1
			moved := to.Entries[last].Found
			from.Done(e)
			e.Segment, e.Found, to.Entries[last] = to, moved, e
		default:
			if !done {
				q.Drop(report.ReasonDamaged, e.Items)
			}
			q.unlist(e)
			from.Forget(e)
		}
		q.Buffers.Give(raw)
	}
	return nil
}

// detach removes a segment from the queue without touching its file, and returns its number
// of items.
func (q *Queue) detach(s *segment.Segment) int {
	items := s.Waiting().Items
	for _, e := range s.Entries {
		q.unlist(e)
		e.Segment = nil
	}
	q.OnDisk -= s.Size
	delete(q.Known, filepath.Base(s.Path))
	q.Segments = slices.DeleteFunc(q.Segments, func(o *segment.Segment) bool { return o == s })
	return items
}

// loseLeftovers counts the leftovers that were removed with the directory: one item each,
// because their number of items is not known.
func (q *Queue) loseLeftovers() {
	kept := q.Leftovers[:0]
	n := 0
	for _, l := range q.Leftovers {
		if _, err := os.Lstat(filepath.Join(q.Cfg.Dir, l.Name)); errors.Is(err, fs.ErrNotExist) {
			n++
			q.leftoverBytes -= l.size
			continue
		}
		kept = append(kept, l)
	}
	q.Leftovers = kept
	q.lose(n)
}

// lose counts items whose file another program removed.
func (q *Queue) lose(items int) {
	if items > 0 {
		q.removed += items
		q.Drop(report.ReasonRemoved, items)
	}
}

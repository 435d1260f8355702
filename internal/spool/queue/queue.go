// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package queue holds the waiting requests of one signal, in segments on disk or in memory.
package queue

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// Queue holds the requests of one signal, the oldest first: on disk, or in memory if the disk fails.
// One sender takes from it.
type Queue struct {
	Signal segment.Signal
	Cfg    Config
	Stats  *report.Stats
	Report *report.Reporter

	Buffers  segment.Buffers
	Overfull chan struct{} // Receives a value when leftovers exceed the limit.

	Mu             sync.Mutex
	Segments       []*segment.Segment // The last one is written to.
	OnDisk         int64              // Bytes of the files among the segments.
	inMemory       int64
	closed         bool
	full           bool             // The last write failed.
	changed        chan struct{}    // Closed and replaced when the queue changes.
	sending        *segment.Entry   // The entry that is being delivered; nil if none is.
	sendingRequest segment.Request  // The request of that entry, as the sender has it.
	aside          []*segment.Entry // The entries that are set aside.
	retried        bool             // The last request that was taken had been set aside.

	Leftovers      []leftover // Closed segments of earlier processes, the oldest first.
	opening        int        // Leftovers that are being read without the lock.
	openBytes      int64
	leftoverBytes  int64
	moreLeftovers  bool            // The directory has more of them than are listed.
	retryLeftovers time.Time       // Do not open leftovers before this time.
	Known          map[string]bool // The names of segments that are in use.
	foreign        map[string]bool // The names of files that are ignored.

	owner     segment.Owner
	number    int         // Number of segments created, for their names.
	dirInfo   fs.FileInfo // Identifies the directory.
	CheckedAt time.Time
	anyLost   bool // A segment has lost set.
	removed   int  // Items whose file another program removed.
}

// NewQueue returns the queue of a signal.
func NewQueue(signal segment.Signal, cfg Config, st *report.Stats, tell *report.Reporter) *Queue {
	q := &Queue{
		Signal: signal, Cfg: cfg, Stats: st, Report: tell, changed: make(chan struct{}), Overfull: make(chan struct{}, 1),
		Known: make(map[string]bool), foreign: make(map[string]bool), owner: segment.NewOwner(cfg.Dir, signal),
	}
	if cfg.Dir != "" {
		if info, err := os.Stat(cfg.Dir); err == nil {
			q.dirInfo = info
		}
	}
	return q
}

// Put stores a request until it is delivered. It fails if the queue is closed or the request is
// larger than the limits.
func (q *Queue) Put(r segment.Request) error {
	var encoded []byte
	if q.Cfg.Dir == "" {
		r = q.pack(r)
	} else {
		encoded = segment.AppendRecord(q.Buffers.Take(segment.HeaderSize+len(r.Payload)), r)
		defer q.Buffers.Give(encoded)
	}
	q.Mu.Lock()
	defer q.Mu.Unlock()
	if q.closed {
		q.Stats.Drop(report.ReasonShutdown, r.Items)
		return ErrClosed
	}
	if encoded != nil && q.putOnDisk(r, encoded) {
		q.signalChange()
		q.Buffers.Give(r.Buffer)
		return nil
	}
	if r.Borrowed {
		r.Buffer = append(q.Buffers.Take(len(r.Payload)), r.Payload...)
		r.Payload, r.Borrowed = r.Buffer, false
	}
	if err := q.putInMemory(r); err != nil {
		return err
	}
	q.signalChange()
	return nil
}

// putOnDisk writes a request to disk and reports whether that succeeded.
func (q *Queue) putOnDisk(r segment.Request, encoded []byte) bool {
	n := int64(len(encoded))
	if n > q.Cfg.MaxBytes || len(r.Payload) > segment.MaxPayload {
		return false
	}
	if now := time.Now(); now.Sub(q.CheckedAt) >= checkAfter {
		q.inspect(now, false)
	}
	for q.OnDisk+n > q.Cfg.MaxBytes && q.DropOldest(false, report.ReasonFull) {
	}
	if len(q.Leftovers) > 0 && q.OnDisk+n+q.leftoverBytes+q.openBytes > q.Cfg.MaxBytes {
		select {
		case q.Overfull <- struct{}{}:
		default:
		}
	}
	err := q.append(r, encoded)
	if err != nil {
		q.diskFails(err)
	} else if q.full {
		q.full = false
		q.Report.End(report.DiskOf(q.Signal), "spool writes "+string(q.Signal)+" to disk again")
	}
	return err == nil
}

// append writes a request to the segment that grows, or to a new one.
func (q *Queue) append(r segment.Request, encoded []byte) error {
	n := int64(len(encoded))
	s := q.Last()
	if s == nil || !s.Own || s.File == nil || s.Lost || s.Size+n > max(q.Cfg.SegmentBytes, n+int64(segment.FileStart)) && s.Size > int64(segment.FileStart) {
		if q.directoryGone() != "" {
			q.inspect(time.Now(), true)
		}
		fresh, err := q.create(r.At.UnixNano())
		if err != nil {
			return err
		}
		q.limitOpen(fresh)
		q.Segments = append(q.Segments, fresh)
		s = fresh
	}
	if err := s.Write(r, encoded); err != nil {
		q.CheckedAt = time.Time{} // Inspect the files before the next write.
		return err
	}
	q.OnDisk += n
	return nil
}

// diskFails logs the beginning of failed writes.
func (q *Queue) diskFails(err error) {
	q.full = true
	q.Report.Begin(report.DiskOf(q.Signal), "spool write failed, buffering "+string(q.Signal)+" in memory", err)
}

// Last returns the newest segment; nil if there is none.
func (q *Queue) Last() *segment.Segment {
	if len(q.Segments) == 0 {
		return nil
	}
	return q.Segments[len(q.Segments)-1]
}

// signalChange wakes the goroutines that wait for a change.
func (q *Queue) signalChange() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// Empty reports whether all requests are delivered, including those that are set aside and those of
// leftovers. If not, the caller may wait on changed.
func (q *Queue) Empty() (bool, <-chan struct{}) {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	if q.sending != nil || len(q.Leftovers)+q.opening > 0 || q.moreLeftovers || slices.ContainsFunc(q.Segments, func(s *segment.Segment) bool { return !s.Empty() }) {
		return false, q.changed
	}
	return true, nil
}

// depth is the number of waiting requests and items. Aside is the part that is set aside. A leftover
// counts as one request with one item until it is opened.
type depth struct {
	Requests, Items           int
	AsideRequests, AsideItems int
	oldest                    time.Time // Zero if nothing waits.
	disk, memory              int64     // Bytes.
}

// Depth returns how much waits.
func (q *Queue) Depth() depth {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	d := depth{disk: q.OnDisk + q.leftoverBytes + q.openBytes, memory: q.inMemory, AsideRequests: len(q.aside), Requests: len(q.Leftovers) + q.opening, Items: len(q.Leftovers) + q.opening}
	if len(q.Leftovers) > 0 && q.Leftovers[0].born > 0 {
		d.oldest = time.Unix(0, q.Leftovers[0].born)
	}
	for _, s := range q.Segments {
		u := s.Waiting()
		d.Requests += u.Requests
		d.Items += u.Items
		if !u.Oldest.IsZero() && (d.oldest.IsZero() || u.Oldest.Before(d.oldest)) {
			d.oldest = u.Oldest
		}
	}
	if e := q.sending; e != nil && e.Segment == nil { // Its segment was dropped.
		d.Requests++
		d.Items += e.Items
	}
	for _, e := range q.aside {
		d.AsideItems += e.Items
	}
	return d
}

// Where names the place where requests wait, for log lines.
func (q *Queue) Where() string {
	if q.Cfg.Dir == "" {
		return "in memory"
	}
	return "on disk"
}

var (
	// ErrClosed is returned after the shutdown.
	ErrClosed = errors.New("spool: closed")
	errFull   = errors.New("spool: full")
)

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"
)

// queue is the requests of one signal, the oldest first, on disk where it takes them and
// in memory where not. One sender takes from it.
type queue struct {
	signal Signal
	cfg    Config
	stats  *stats
	tell   *teller

	buffers buffers
	over    chan struct{} // Has a value when the leftovers are to be trimmed.

	mu       sync.Mutex
	segments []*segment // The last one grows; none is without a reason.
	onDisk   int64      // Bytes of the files among the segments.
	inMemory int64
	closed   bool
	full     bool          // The disk did not take the last request.
	changed  chan struct{} // Closed, and made again, when something is put or the queue is closed.
	sending  *entry        // What is being delivered, if anything is.
	inHand   request       // It, as its sender has it.
	aside    []*entry      // What is set aside.
	retried  bool          // The last request that was taken had been set aside.

	left      []leftover // Segments of earlier processes that are not open, the oldest first.
	opening   int        // Leftovers that are being read, without the lock.
	openBytes int64
	leftBytes int64
	leftMore  bool            // The directory has more of them than are listed.
	leftRetry time.Time       // Until then no leftover can be opened.
	known     map[string]bool // The names of segments that are in use.
	foreign   map[string]bool // The names of files that are left alone.

	owner     owner
	number    int         // Of segments made, for their names.
	dirInfo   fs.FileInfo // Which directory it was.
	checkedAt time.Time
	anyLost   bool // A segment is lost, see there.
	removed   int  // Items whose file another program removed.
}

func newQueue(signal Signal, cfg Config, st *stats, tell *teller) *queue {
	q := &queue{
		signal: signal, cfg: cfg, stats: st, tell: tell, changed: make(chan struct{}), over: make(chan struct{}, 1),
		known: make(map[string]bool), foreign: make(map[string]bool), owner: newOwner(cfg.Dir, signal),
	}
	if cfg.Dir != "" {
		if info, err := os.Stat(cfg.Dir); err == nil {
			q.dirInfo = info
		}
	}
	return q
}

// put keeps a request until it has been delivered. It fails when the queue is closed, or
// the request is larger than all that may be kept.
func (q *queue) put(r request) error {
	var encoded []byte
	if q.cfg.Dir != "" {
		encoded = appendRecord(q.buffers.take(headerSize+len(r.payload)), r)
		defer q.buffers.give(encoded)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		q.stats.drop(reasonShutdown, r.items)
		return errClosed
	}
	if encoded != nil && q.putOnDisk(r, encoded) {
		q.signalChange()
		q.buffers.give(r.buffer)
		return nil
	}
	if r.borrowed {
		r.buffer = append(q.buffers.take(len(r.payload)), r.payload...)
		r.payload, r.borrowed = r.buffer, false
	}
	if err := q.putInMemory(r); err != nil {
		return err
	}
	q.signalChange()
	return nil
}

// putOnDisk reports whether the disk took it.
func (q *queue) putOnDisk(r request, encoded []byte) bool {
	n := int64(len(encoded))
	if n > q.cfg.MaxBytes || len(r.payload) > maxPayload {
		return false
	}
	if now := time.Now(); now.Sub(q.checkedAt) >= checkAfter {
		q.inspect(now, false)
	}
	for q.onDisk+n > q.cfg.MaxBytes && q.dropOldest(false, reasonFull) {
	}
	if len(q.left) > 0 && q.onDisk+n+q.leftBytes+q.openBytes > q.cfg.MaxBytes {
		select {
		case q.over <- struct{}{}:
		default:
		}
	}
	err := q.append(r, encoded)
	if err != nil {
		q.diskFails(err)
	} else if q.full {
		q.full = false
		q.tell.ends(diskOf(q.signal), "spool writes "+string(q.signal)+" to disk again")
	}
	return err == nil
}

// append writes a request to the segment that grows, or to a new one.
func (q *queue) append(r request, encoded []byte) error {
	n := int64(len(encoded))
	s := q.last()
	if s == nil || !s.own || s.file == nil || s.lost || s.size+n > max(q.cfg.segmentBytes, n+int64(fileStart)) && s.size > int64(fileStart) {
		if q.directoryGone() != "" {
			q.inspect(time.Now(), true)
		}
		fresh, err := q.create(r.at.UnixNano())
		if err != nil {
			return err
		}
		q.limitOpen(fresh)
		q.segments = append(q.segments, fresh)
		s = fresh
	}
	if err := s.write(r, encoded); err != nil {
		q.checkedAt = time.Time{} // Whatever it is, look again.
		return err
	}
	q.onDisk += n
	return nil
}

// diskFails tells that the disk does not take requests, when that begins.
func (q *queue) diskFails(err error) {
	q.full = true
	q.tell.begins(diskOf(q.signal), "spool write failed, buffering "+string(q.signal)+" in memory", err)
}

func (q *queue) putInMemory(r request) error {
	n := int64(len(r.payload))
	if n > q.cfg.MaxMemory {
		q.drop(reasonFull, r.items)
		return fmt.Errorf("spool: a request of %d bytes is larger than all that may wait in memory", n)
	}
	for q.inMemory+n > q.cfg.MaxMemory && q.dropOldest(true, reasonFull) {
	}
	if q.inMemory+n > q.cfg.MaxMemory { // What is left is on its way.
		q.drop(reasonFull, r.items)
		return errFull
	}
	s := q.last()
	if s == nil || !s.inMemory() {
		s = &segment{}
		q.segments = append(q.segments, s)
	}
	q.inMemory += n
	return s.write(r, nil)
}

func (q *queue) last() *segment {
	if len(q.segments) == 0 {
		return nil
	}
	return q.segments[len(q.segments)-1]
}

// signalChange wakes up those who wait for one.
func (q *queue) signalChange() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// empty reports whether all has been delivered; if not, wait on changed. Requests that are
// set aside have not been delivered, nor have those of leftovers.
func (q *queue) empty() (bool, <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.sending != nil || len(q.left)+q.opening > 0 || q.leftMore || slices.ContainsFunc(q.segments, func(s *segment) bool { return !s.empty() }) {
		return false, q.changed
	}
	return true, nil
}

// depth is how much waits. Aside is the part that is set aside. How much is in leftovers is
// only known when they are opened: until then each counts as one request of one item.
type depth struct {
	requests, items           int
	asideRequests, asideItems int
	oldest                    time.Time // Zero if nothing waits.
	disk, memory              int64     // Bytes.
}

func (q *queue) depth() depth {
	q.mu.Lock()
	defer q.mu.Unlock()
	d := depth{disk: q.onDisk + q.leftBytes + q.openBytes, memory: q.inMemory, asideRequests: len(q.aside), requests: len(q.left) + q.opening, items: len(q.left) + q.opening}
	if len(q.left) > 0 && q.left[0].born > 0 {
		d.oldest = time.Unix(0, q.left[0].born)
	}
	for _, s := range q.segments {
		u := s.waiting()
		d.requests += u.requests
		d.items += u.items
		if !u.oldest.IsZero() && (d.oldest.IsZero() || u.oldest.Before(d.oldest)) {
			d.oldest = u.oldest
		}
	}
	if e := q.sending; e != nil && e.segment == nil { // Its segment was dropped.
		d.requests++
		d.items += e.items
	}
	for _, e := range q.aside {
		d.asideItems += e.items
	}
	return d
}

func (q *queue) lastError() string {
	q.stats.mu.Lock()
	defer q.stats.mu.Unlock()
	return q.stats.failure
}

// where is where requests wait.
func (q *queue) where() string {
	if q.cfg.Dir == "" {
		return "in memory"
	}
	return "on disk"
}

// These are what troubles are about.
func diskOf(s Signal) string      { return "disk of " + string(s) }
func collectorOf(s Signal) string { return "collector of " + string(s) }
func refusalOf(s Signal) string   { return "refusal of " + string(s) }
func sizeOf(s Signal) string      { return "size of " + string(s) }
func asideOf(s Signal) string     { return "aside of " + string(s) }

var (
	errClosed = errors.New("spool: closed")
	errFull   = errors.New("spool: full")
)

func newID() string {
	var b [4]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

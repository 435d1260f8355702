// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
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

	mu       sync.Mutex
	segments []*segment // The last one grows; none is without a reason.
	onDisk   int64
	inMemory int64
	closed   bool
	full     bool          // The disk did not take the last request.
	changed  chan struct{} // Closed, and made again, when something is put or the queue is closed.
	sending  *entry        // What is being delivered, if anything is.
	aside    []*entry      // What is set aside.
	retried  bool          // The last request that was taken had been set aside.
	known    map[string]bool
}

func newQueue(signal Signal, cfg Config, st *stats, tell *teller) *queue {
	return &queue{signal: signal, cfg: cfg, stats: st, tell: tell, changed: make(chan struct{}), known: make(map[string]bool)}
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
	if n > q.cfg.MaxBytes {
		return false
	}
	for q.onDisk+n > q.cfg.MaxBytes && q.dropOldest(false, reasonFull) {
	}
	err := func() error {
		s := q.last()
		if s == nil || s.inMemory() || s.size+n > max(q.cfg.segmentBytes, n+int64(fileStart)) && s.size > int64(fileStart) {
			fresh, err := createSegment(q.cfg.Dir, q.signal, r.at, newID())
			if err != nil {
				return err
			}
			q.known[fresh.path] = true
			q.segments = append(q.segments, fresh)
			q.onDisk += fresh.size
			s = fresh
		}
		if err := s.write(r, encoded); err != nil {
			return err
		}
		q.onDisk += n
		return nil
	}()
	if was := q.full; err != nil && !was {
		q.full = true
		q.tell.begins(diskOf(q.signal), "the disk does not take "+string(q.signal)+", which wait in memory", err)
	} else if err == nil && was {
		q.full = false
		q.tell.ends(diskOf(q.signal), "the disk takes "+string(q.signal)+" again")
	}
	return err == nil
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
// set aside have not been delivered.
func (q *queue) empty() (bool, <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.sending != nil {
		return false, q.changed
	}
	for _, s := range q.segments {
		if len(s.entries) > 0 {
			return false, q.changed
		}
	}
	return true, nil
}

// depth is how much waits. Aside is the part that is set aside.
type depth struct {
	requests, items           int
	asideRequests, asideItems int
	oldest                    time.Time // Zero if nothing waits.
	disk, memory              int64     // Bytes.
}

func (q *queue) depth() depth {
	q.mu.Lock()
	defer q.mu.Unlock()
	d := depth{disk: q.onDisk, memory: q.inMemory, asideRequests: len(q.aside)}
	for _, s := range q.segments {
		d.requests += len(s.entries)
		d.items += s.items()
		if len(s.entries) > 0 && (d.oldest.IsZero() || s.entries[0].at.Before(d.oldest)) {
			d.oldest = s.entries[0].at
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

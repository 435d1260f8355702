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
	busy     bool          // The oldest request is being delivered.
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
		if err := s.add(r, encoded); err != nil {
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
	return s.add(r, nil)
}

func (q *queue) last() *segment {
	if len(q.segments) == 0 {
		return nil
	}
	return q.segments[len(q.segments)-1]
}

// take returns the oldest request, to be given back by settle. It is false when there is
// none; wait on changed.
func (q *queue) take(now time.Time) (r request, ok bool, changed <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.segments) > 0 {
		s := q.segments[0]
		if len(s.pending) == 0 {
			if s == q.last() && !s.inMemory() && s.size <= q.cfg.segmentBytes/4 {
				break // It goes on growing.
			}
			q.forget(0)
			continue
		}
		p := s.pending[0]
		if now.Sub(p.at) > q.cfg.MaxAge {
			q.drop(reasonExpired, p.items)
			q.remove(s)
			continue
		}
		loaded, err := s.load(p, &q.buffers)
		if err != nil {
			q.drop(reasonDamaged, p.items)
			q.tell.once("what was kept of "+string(q.signal)+" cannot be read back", err)
			q.remove(s)
			continue
		}
		q.busy = true
		return loaded, true, nil
	}
	return request{}, false, q.changed
}

// settle takes away the request that take returned.
func (q *queue) settle() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy = false
	q.remove(q.segments[0])
	q.signalChange()
}

// putBack leaves it where it is, for the next process: the queue is about to be closed.
func (q *queue) putBack() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy = false
}

// remove takes the oldest request of a segment away.
func (q *queue) remove(s *segment) {
	if s.inMemory() {
		q.inMemory -= int64(s.pending[0].size)
	}
	s.done()
}

// signalChange wakes up those who wait for one.
func (q *queue) signalChange() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// empty reports whether all has been delivered; if not, wait on changed.
func (q *queue) empty() (bool, <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range q.segments {
		if len(s.pending) > 0 {
			return false, q.changed
		}
	}
	return true, nil
}

// depth is how much waits.
func (q *queue) depth() (requests, items int, oldest time.Time, disk, memory int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range q.segments {
		requests += len(s.pending)
		items += s.items()
		if oldest.IsZero() && len(s.pending) > 0 {
			oldest = s.pending[0].at
		}
	}
	return requests, items, oldest, q.onDisk, q.inMemory
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

// diskOf and collectorOf are what troubles are about.
func diskOf(s Signal) string      { return "disk of " + string(s) }
func collectorOf(s Signal) string { return "collector of " + string(s) }

var (
	errClosed = errors.New("spool: closed")
	errFull   = errors.New("spool: full")
)

func newID() string {
	var b [4]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

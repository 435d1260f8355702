// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
		encoded = appendRecord(make([]byte, 0, headerSize+len(r.payload)), r)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		q.stats.drop(reasonShutdown, r.items)
		return errClosed
	}
	if encoded != nil && q.putOnDisk(r, encoded) {
		q.signalChange()
		return nil
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

func (q *queue) drop(reason string, items int) {
	q.stats.drop(reason, items)
	q.tell.dropping(q.signal, reason, items)
}

// dropOldest makes room: of memory the oldest request, of the disk the oldest segment,
// for a file can only be shortened by being deleted. What is being delivered stays. It
// reports whether there was something to drop.
func (q *queue) dropOldest(memory bool, reason string) bool {
	for i, s := range q.segments {
		if s.inMemory() != memory {
			continue
		}
		first := i == 0 && q.busy // Its oldest is on its way.
		if memory {
			at := 0
			if first {
				at = 1
			}
			if len(s.pending) <= at {
				continue
			}
			p := s.pending[at]
			s.pending = slices.Delete(s.pending, at, at+1)
			s.size -= int64(p.size)
			q.inMemory -= int64(p.size)
			q.drop(reason, p.items)
			return true
		}
		lost := s.items()
		if first { // It is in the sender's hands, who will count it.
			lost -= s.pending[0].items
		}
		q.forget(i)
		if first {
			held := s.pending[0] // Whoever is sending it has what is in it.
			held.size = 0
			q.segments = slices.Insert(q.segments, 0, &segment{pending: []pending{held}, gone: true})
		}
		if lost > 0 {
			q.drop(reason, lost)
		}
		return true
	}
	return false
}

// forget deletes a segment.
func (q *queue) forget(i int) {
	s := q.segments[i]
	if !s.inMemory() {
		q.onDisk -= s.size
		delete(q.known, s.path)
	}
	s.remove()
	q.segments = slices.Delete(q.segments, i, i+1)
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
		loaded, err := s.load(p)
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

// close leaves what is on disk to the next process, and counts as lost what is in memory
// and the disk does not take. Nobody must be delivering.
func (q *queue) close() (lost int) {
	q.spill()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, s := range q.segments {
		n := s.items()
		switch {
		case s.inMemory():
			lost += n
		case len(s.pending) == 0:
			s.remove()
		default:
			s.release()
		}
	}
	q.segments, q.onDisk, q.inMemory = nil, 0, 0
	if lost > 0 {
		q.stats.drop(reasonShutdown, lost)
	}
	q.signalChange()
	return lost
}

// spill writes what is only in memory to the disk, where it comes before what was put
// later, and reports whether nothing is left in memory.
func (q *queue) spill() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, s := range q.segments {
		if !s.inMemory() || s.gone || len(s.pending) == 0 {
			continue
		}
		if q.cfg.Dir == "" {
			return false
		}
		fresh, err := createSegment(q.cfg.Dir, q.signal, s.pending[0].at, newID())
		if err != nil {
			return false
		}
		for _, p := range s.pending {
			if err := fresh.add(p.request, appendRecord(nil, p.request)); err != nil {
				fresh.remove()
				return false
			}
		}
		q.known[fresh.path] = true
		q.inMemory -= s.size
		q.onDisk += fresh.size
		q.segments[i] = fresh
	}
	return true
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

// adopt takes over what processes have left that are gone. It comes before what this one
// has put: it is older.
func (q *queue) adopt() {
	if q.cfg.Dir == "" {
		return
	}
	entries, err := os.ReadDir(q.cfg.Dir)
	if err != nil {
		q.tell.once("the spool's directory cannot be read", err)
		return
	}
	var adopted []*segment
	for _, e := range entries { // In the order of their names, and so of their times.
		path := filepath.Join(q.cfg.Dir, e.Name())
		if !strings.HasPrefix(e.Name(), string(q.signal)+"-") || !strings.HasSuffix(e.Name(), segmentSuffix) || q.has(path) {
			continue
		}
		s, damaged, err := adoptSegment(path, q.signal)
		if err != nil {
			q.leave(path)
			q.tell.once("a file in the spool's directory is left alone", err)
			continue
		}
		if damaged > 0 {
			q.drop(reasonDamaged, damaged)
		}
		if s == nil {
			continue
		}
		if len(s.pending) == 0 {
			s.remove()
			continue
		}
		adopted = append(adopted, s)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	at := 0
	if q.busy {
		at = 1
	}
	for _, s := range adopted {
		q.onDisk += s.size
		q.known[s.path] = true
	}
	q.segments = slices.Insert(q.segments, min(at, len(q.segments)), adopted...)
	q.signalChange()
}

func (q *queue) has(path string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.known[path]
}

// leave remembers a file that is not ours, to tell of it once.
func (q *queue) leave(path string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.known[path] = true
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

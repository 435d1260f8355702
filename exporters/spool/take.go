// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"path/filepath"
	"slices"
	"time"
)

// take returns the oldest request, to be given back by settle, putBack, setAside or replace.
// A request that was set aside is returned when it is due or older than MaxAge, at most every
// other time while others wait. If there is no request, ok is false: wait on changed, or until
// due, which is zero if nothing is set aside. One goroutine takes.
func (q *queue) take(now time.Time) (r request, ok bool, changed <-chan struct{}, due time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for rounds := 0; ; rounds++ {
		q.removeEmpty()
		e, unread, due := q.next(now)
		if unread != nil {
			q.read(unread, now)
			continue
		}
		if e == nil {
			if rounds > 0 { // What was there has expired, was damaged or had been delivered.
				q.signalChange()
			}
			return request{}, false, q.changed, due
		}
		s := e.segment
		if s.file == nil && !s.inMemory() && !q.reopen(s, now) {
			continue
		}
		aside := !e.until.IsZero()
		if !aside && now.Sub(e.at) > q.cfg.MaxAge {
			q.stats.failing.Store(true)
			q.refuse(reasonExpired, e.items, q.lastError())
			q.remove(e)
			continue
		}
		loaded, done, err := s.load(e, &q.buffers)
		if err != nil {
			q.inspect(now, true) // It writes the rest anew, or counts this one, if the file is to blame.
			if e.segment == s {
				q.drop(reasonDamaged, e.items)
				q.tell.once("what was kept of "+string(q.signal)+" cannot be read back", err)
				q.remove(e)
			}
			continue
		}
		if done { // Another process has sent it, when this one had the file closed.
			q.remove(e)
			continue
		}
		loaded.entry, loaded.wasAside = e, aside
		q.sending, q.inHand, q.retried = e, loaded, aside
		return loaded, true, nil, time.Time{}
	}
}

// next chooses what is taken, or a segment that has to be read before that. If there is
// neither, due is when the first of those that are set aside is, or a segment is tried again.
func (q *queue) next(now time.Time) (e *entry, unread *segment, due time.Time) {
	late, due := q.firstAside()
	isDue := late != nil && !due.After(now)
	if isDue && !q.retried {
		return late, nil, due
	}
	sooner := func(at time.Time) {
		if due.IsZero() || at.Before(due) {
			due = at
		}
	}
	left := len(q.left) > 0
	if left && now.Before(q.leftRetry) {
		sooner(q.leftRetry)
		left = false
	}
	for _, s := range q.segments {
		if s.unread != nil && now.Before(s.retryAt) {
			sooner(s.retryAt)
			continue
		}
		i := slices.IndexFunc(s.entries, func(e *entry) bool { return e.until.IsZero() })
		if i < 0 && s.unread == nil {
			continue
		}
		if left && q.left[0].born < s.begins() {
			break
		}
		if s.unread != nil {
			return nil, s, due
		}
		return s.entries[i], nil, due
	}
	if left {
		return nil, leftoverNext, due
	}
	if isDue {
		return late, nil, due
	}
	return nil, nil, due
}

// firstAside returns the request that is due first of those that are set aside. One that
// grows too old is due then: its sender makes it a dead letter.
func (q *queue) firstAside() (first *entry, due time.Time) {
	for _, e := range q.aside {
		at := e.until
		if old := e.at.Add(q.cfg.MaxAge + 1); old.Before(at) {
			at = old
		}
		if first == nil || at.Before(due) {
			first, due = e, at
		}
	}
	return first, due
}

// removeEmpty deletes the segments of which all has been delivered, but not the last while
// it has room.
func (q *queue) removeEmpty() {
	for i := 0; i < len(q.segments); i++ {
		s := q.segments[i]
		if len(s.entries) == 0 && s.unread == nil && s.resume > 0 {
			s.close()
		}
		if !s.empty() || s.reading || s == q.last() && s.own && s.file != nil && !s.lost && s.size <= q.cfg.segmentBytes/4 {
			continue
		}
		q.forget(i)
		i--
	}
}

// sent ends the delivery of a request, whatever has come of it.
func (q *queue) sent() { q.sending, q.inHand = nil, request{} }

// settle removes a request that needs no more attempts.
func (q *queue) settle(r request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sent()
	q.remove(r.entry)
	q.signalChange()
}

// putBack leaves a request where it is, for the next take or the next process. If its
// segment was dropped meanwhile, it waits in memory.
func (q *queue) putBack(r request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.restore(r)
}

// setAside has take pass over a request until then. It stays stored as it is, and a later
// process sends it as any other.
func (q *queue) setAside(r request, until time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.restore(r)
	e := r.entry
	if e.until.IsZero() {
		q.aside = append(q.aside, e)
	}
	e.until = until
	q.signalChange()
}

// retryAside makes all requests that are set aside due.
func (q *queue) retryAside(now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.aside {
		if e.until.After(now) {
			e.until = now
		}
	}
	q.signalChange()
}

// replace puts the rest of a request, whose other part was delivered, in its place. A crash
// in the middle costs a duplicate of the rest, never a loss.
func (q *queue) replace(r, rest request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sent()
	rest.entry, rest.wasAside = nil, false
	rest.at = r.at
	at := 0
	if s := r.entry.segment; s != nil {
		at = slices.Index(q.segments, s)
	}
	q.insert(at, rest)
	q.remove(r.entry)
	q.signalChange()
}

// restore ends the delivery of a request that is still to be delivered. If another program
// has changed its file, what the sender has of it is written anew; if its segment was
// dropped, it comes to the front of the queue.
func (q *queue) restore(r request) {
	if s := r.entry.segment; s != nil && s.file != nil && s.trouble(q.signal) != "" {
		q.inspect(time.Now(), true)
	}
	q.sent()
	if r.entry.segment != nil {
		return
	}
	kept := r
	kept.entry, kept.wasAside = nil, false
	s := q.insert(0, kept)
	*r.entry = *s.entries[0]
	s.entries[0] = r.entry
}

// insert adds a segment with one request before that at an index, on disk if it takes it.
func (q *queue) insert(at int, r request) *segment {
	born := r.at.UnixNano()
	if at < len(q.segments) { // A later process sends it before what comes next, too.
		born = min(born, q.segments[at].begins()-1)
	}
	s := q.newSegmentOf(r, born)
	if s == nil {
		s = &segment{}
		_ = s.write(r, nil) // Memory takes it.
		q.inMemory += s.size
	}
	q.segments = slices.Insert(q.segments, at, s)
	return s
}

// newSegmentOf makes a file with one request. It is nil if the disk does not take it.
func (q *queue) newSegmentOf(r request, born int64) *segment {
	if q.cfg.Dir == "" {
		return nil
	}
	s, err := q.create(born)
	if err != nil {
		return nil
	}
	q.limitOpen(s)
	q.onDisk -= s.size
	if err := s.write(r, appendRecord(nil, r)); err != nil {
		delete(q.known, filepath.Base(s.path))
		s.remove()
		return nil
	}
	q.onDisk += s.size
	return s
}

// remove takes a request away. Nothing is to be done if its segment was dropped.
func (q *queue) remove(e *entry) {
	q.unlist(e)
	s := e.segment
	if s == nil {
		return
	}
	if s.inMemory() {
		q.inMemory -= int64(e.size)
	}
	s.done(e)
}

// unlist takes an entry from those that are set aside.
func (q *queue) unlist(e *entry) {
	if e.until.IsZero() {
		return
	}
	if i := slices.Index(q.aside, e); i >= 0 {
		q.aside = slices.Delete(q.aside, i, i+1)
	}
}

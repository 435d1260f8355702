// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package queue

import (
	"path/filepath"
	"slices"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// Take returns the oldest request. The caller gives it back with Settle, PutBack, SetAside or Replace.
// Take returns a request that was set aside when it is due or older than MaxAge, at most every other
// time while others wait. If there is no request, ok is false, and the caller waits for changed or until
// due, which is zero if nothing is set aside. Only one goroutine may call Take.
func (q *Queue) Take(now time.Time) (r segment.Request, ok bool, changed <-chan struct{}, due time.Time) {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	for rounds := 0; ; rounds++ {
		q.removeEmpty()
		e, unread, due := q.next(now)
		if unread != nil {
			q.read(unread, now)
			continue
		}
		if e == nil {
			if rounds > 0 { // The requests so far had expired, were damaged or had been delivered.
				q.signalChange()
			}
			return segment.Request{}, false, q.changed, due
		}
		s := e.Segment
		if s.File == nil && !s.InMemory() && !q.reopen(s, now) {
			continue
		}
		aside := !e.Until.IsZero()
		if !aside && now.Sub(e.At) > q.Cfg.MaxAge {
			q.Stats.Failing.Store(true)
			q.Refuse(report.ReasonExpired, e.Items, q.LastError())
			q.remove(e)
			continue
		}
		loaded, done, err := s.Load(e, &q.Buffers)
		if err != nil {
			q.inspect(now, true) // If the file was changed, it rewrites the rest, or counts this request as lost.
			if e.Segment == s {
				q.Drop(report.ReasonDamaged, e.Items)
				q.Report.Once("spool read failed, dropping a request of "+string(q.Signal), err)
				q.remove(e)
			}
			continue
		}
		if done { // Another process sent it while this one had the file closed.
			q.remove(e)
			continue
		}
		loaded.Entry, loaded.WasAside = e, aside
		q.sending, q.sendingRequest, q.retried = e, loaded, aside
		return loaded, true, nil, time.Time{}
	}
}

// next chooses the request to take, or a segment that must be read first. If there is neither,
// due is the time at which the first request that is set aside is due or a segment is retried.
func (q *Queue) next(now time.Time) (e *segment.Entry, unread *segment.Segment, due time.Time) {
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
	left := len(q.Leftovers) > 0
	if left && now.Before(q.retryLeftovers) {
		sooner(q.retryLeftovers)
		left = false
	}
	for _, s := range q.Segments {
		if s.Unread != nil && now.Before(s.RetryAt) {
			sooner(s.RetryAt)
			continue
		}
		i := slices.IndexFunc(s.Entries, func(e *segment.Entry) bool { return e.Until.IsZero() })
		if i < 0 && s.Unread == nil {
			continue
		}
		if left && q.Leftovers[0].born < s.Begins() {
			break
		}
		if s.Unread != nil {
			return nil, s, due
		}
		return s.Entries[i], nil, due
	}
	if left {
		return nil, leftoverNext, due
	}
	if isDue {
		return late, nil, due
	}
	return nil, nil, due
}

// firstAside returns the request that is due first of those that are set aside. A request that
// reaches MaxAge is due then: the sender makes it a dead letter.
func (q *Queue) firstAside() (first *segment.Entry, due time.Time) {
	for _, e := range q.aside {
		at := e.Until
		if old := e.At.Add(q.Cfg.MaxAge + 1); old.Before(at) {
			at = old
		}
		if first == nil || at.Before(due) {
			first, due = e, at
		}
	}
	return first, due
}

// removeEmpty deletes the segments whose requests are all delivered, except the last one if it
// is not full.
func (q *Queue) removeEmpty() {
	for i := 0; i < len(q.Segments); i++ {
		s := q.Segments[i]
		if len(s.Entries) == 0 && s.Unread == nil && s.Resume > 0 {
			s.Close()
		}
		if !s.Empty() || s.Reading || s == q.Last() && s.Own && s.File != nil && !s.Lost && s.Size <= q.Cfg.SegmentBytes/4 {
			continue
		}
		q.forget(i)
		i--
	}
}

// sent ends the delivery of a request, whatever its result.
func (q *Queue) sent() { q.sending, q.sendingRequest = nil, segment.Request{} }

// Settle removes a request that needs no more attempts.
func (q *Queue) Settle(r segment.Request) {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	q.sent()
	q.remove(r.Entry)
	q.signalChange()
}

// PutBack leaves a request in its segment, for the next Take or the next process. If the
// segment was dropped meanwhile, the request waits in memory.
func (q *Queue) PutBack(r segment.Request) {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	q.restore(r)
}

// SetAside makes Take skip a request until the given time. It stays stored unchanged, and a
// later process sends it as any other.
func (q *Queue) SetAside(r segment.Request, until time.Time) {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	q.restore(r)
	e := r.Entry
	if e.Until.IsZero() {
		q.aside = append(q.aside, e)
	}
	e.Until = until
	q.signalChange()
}

// RetryAside makes all requests that are set aside due.
func (q *Queue) RetryAside(now time.Time) {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	for _, e := range q.aside {
		if e.Until.After(now) {
			e.Until = now
		}
	}
	q.signalChange()
}

// Replace replaces a request by its undelivered rest. A crash in between causes a duplicate of
// the rest, never a loss.
func (q *Queue) Replace(r, rest segment.Request) {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	q.sent()
	rest.Entry, rest.WasAside = nil, false
	rest.At = r.At
	at := 0
	if s := r.Entry.Segment; s != nil {
		at = slices.Index(q.Segments, s)
	}
	q.insert(at, rest)
	q.remove(r.Entry)
	q.signalChange()
}

// restore ends an attempt for a request that is still to be delivered. If another program
// changed its file, the sender's copy is written to a new file; if its segment was dropped,
// the request goes to the front of the queue.
func (q *Queue) restore(r segment.Request) {
	if s := r.Entry.Segment; s != nil && s.File != nil && s.FileProblem(q.Signal) != "" {
		q.inspect(time.Now(), true)
	}
	q.sent()
	if r.Entry.Segment != nil {
		return
	}
	kept := r
	kept.Entry, kept.WasAside = nil, false
	s := q.insert(0, kept)
	*r.Entry = *s.Entries[0]
	s.Entries[0] = r.Entry
}

// insert adds a segment with one request before the one at an index, on disk if that succeeds.
func (q *Queue) insert(at int, r segment.Request) *segment.Segment {
	born := r.At.UnixNano()
	if at < len(q.Segments) { // A later process also sends it before the next segment.
		born = min(born, q.Segments[at].Begins()-1)
	}
	s := q.newSegmentOf(r, born)
	if s == nil {
		s = &segment.Segment{}
		_ = s.Write(r, nil) // Writes to memory do not fail.
		q.inMemory += s.Size
	}
	q.Segments = slices.Insert(q.Segments, at, s)
	return s
}

// newSegmentOf creates a file with one request. It returns nil if that fails.
func (q *Queue) newSegmentOf(r segment.Request, born int64) *segment.Segment {
	if q.Cfg.Dir == "" {
		return nil
	}
	s, err := q.create(born)
	if err != nil {
		return nil
	}
	q.limitOpen(s)
	q.OnDisk -= s.Size
	if err := s.Write(r, segment.AppendRecord(nil, r)); err != nil {
		delete(q.Known, filepath.Base(s.Path))
		s.Remove()
		return nil
	}
	q.OnDisk += s.Size
	return s
}

// remove removes a request. It does nothing if the segment was dropped.
func (q *Queue) remove(e *segment.Entry) {
	q.unlist(e)
	s := e.Segment
	if s == nil {
		return
	}
	if s.InMemory() {
		q.inMemory -= int64(e.Size)
	}
	s.Done(e)
}

// unlist removes an entry from the list of those that are set aside.
func (q *Queue) unlist(e *segment.Entry) {
	if e.Until.IsZero() {
		return
	}
	if i := slices.Index(q.aside, e); i >= 0 {
		q.aside = slices.Delete(q.aside, i, i+1)
	}
}

// RestoreOrder returns requests that are set aside and not known to be at fault to the queue,
// so that the oldest is next again.
func (q *Queue) RestoreOrder() {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	kept := q.aside[:0]
	for _, e := range q.aside {
		if e.Suspicion == nil || !e.Suspicion.Confirmed {
			e.Until = time.Time{}
			continue
		}
		kept = append(kept, e)
	}
	clear(q.aside[len(kept):])
	q.aside = kept
}

// Wake wakes the goroutines that wait for a change.
func (q *Queue) Wake() {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	q.signalChange()
}

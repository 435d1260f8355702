// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import "time"

// doubts tell a request that an endpoint fails on from an endpoint that fails. Both answer
// 500, and look alike until the endpoint takes another request. So a request that has had
// some attempts is set aside, and the next one is tried: if that is taken, the first is at
// fault and stays aside; if not, the endpoint is, and the order is restored. Each time that
// the endpoint is found at fault, twice as many requests are tried the next time, in case
// that those at the front are all at fault.
type doubts struct {
	probed int   // Requests that were set aside since the endpoint took one.
	depth  int   // How many may be.
	sick   bool  // The endpoint was found at fault, and has taken nothing since.
	took   int64 // Requests that the endpoint has taken.
	hurry  bool  // There is time for one attempt each: the spool is closing.
}

const (
	suspectAttempts = 5 // Before a request is set aside for the first time.
	deepestProbe    = 32
	closingProbe    = 4 // When the spool is closing.
	firstAside      = 30 * time.Second
	longestAside    = 10 * time.Minute
)

// suspicion is what is known of a request that was set aside. Only the sender uses it.
type suspicion struct {
	took      int64         // What the endpoint had taken at the last attempt.
	confirmed bool          // It takes others, and not this.
	pause     time.Duration // Until the next attempt.
}

// patience is how many answers a request has before it is set aside.
func (d *doubts) patience(e *entry) int {
	if e.suspicion != nil || d.probed > 0 || d.sick || d.hurry {
		return 1
	}
	return suspectAttempts
}

// taken notes that the endpoint took a request. It reports whether those that are set aside
// are to be tried again: the endpoint has recovered.
func (d *doubts) taken() (recovered bool) {
	recovered = d.probed > 0 || d.sick
	d.probed, d.depth, d.sick = 0, 1, false
	d.took++
	return recovered
}

// suspend sets a request aside, or finds the endpoint at fault.
func (s *sender) suspend(d *delivery, a answer) next {
	q, doubts := s.queue, &s.doubts
	known := d.entry.suspicion
	if known == nil {
		known = &suspicion{took: doubts.took, pause: firstAside}
	} else if doubts.took > known.took {
		if known.confirmed {
			known.pause = min(2*known.pause, longestAside)
		}
		known.confirmed, known.took = true, doubts.took
	}
	if !known.confirmed {
		if doubts.probed >= doubts.depth {
			doubts.probed, doubts.depth, doubts.sick = 0, min(2*doubts.depth, deepestProbe), true
			s.leave(d)
			q.restoreOrder()
			return yield
		}
		doubts.probed++
	}
	if d.begun {
		s.leave(d) // The rest is another request, whose turn it is.
		return setAside
	}
	q.setAside(d.request, time.Now().Add(max(known.pause, a.after)))
	d.entry.suspicion = known
	if known.confirmed {
		q.tell.begins(asideOf(q.signal), "collector fails on a request of "+string(q.signal)+" and takes others, set it aside for later attempts", a.err)
	}
	return setAside
}

// restoreOrder takes back what is set aside and not known to be at fault, so that the oldest
// is next again.
func (q *queue) restoreOrder() {
	q.mu.Lock()
	defer q.mu.Unlock()
	kept := q.aside[:0]
	for _, e := range q.aside {
		if e.suspicion == nil || !e.suspicion.confirmed {
			e.until = time.Time{}
			continue
		}
		kept = append(kept, e)
	}
	clear(q.aside[len(kept):])
	q.aside = kept
}

// wake wakes those who wait for a change.
func (q *queue) wake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.signalChange()
}

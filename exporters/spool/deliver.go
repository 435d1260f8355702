// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/internal/otlp"
)

// delivery is a request on its way, whole or in parts.
type delivery struct {
	request
	parts   []request // What the collector has not taken, the oldest first.
	begun   bool      // A part was settled.
	doubted int       // Answers that make the request a suspect.
	cuts    int       // Connections in a row that broke while a part was sent.
}

// next is what becomes of a delivery after a failed attempt.
type next int

const (
	stay     next = iota // The same part is tried again, after a pause.
	proceed              // The next part is tried.
	setAside             // The request was set aside.
	yield                // The request was put back; after a pause the oldest is taken.
)

// items is how many spans, points or records have not been taken.
func (d *delivery) items() (n int) {
	for _, p := range d.parts {
		n += p.items
	}
	return n
}

func (d *delivery) done() { d.parts, d.begun = d.parts[1:], true }

// taken notes that the collector took a part.
func (s *sender) taken(d *delivery, a answer) {
	q, p := s.queue, d.parts[0]
	rejected := min(max(a.rejected, 0), p.items)
	q.stats.sent.Add(int64(p.items - rejected))
	q.tell.ends(collectorOf(q.signal), "collector takes "+string(q.signal)+" again")
	if rejected > 0 {
		message := fmt.Sprintf("%s: partial success: %s", s.client.host(), a.message)
		q.stats.fail(message, time.Now())
		q.refuse(reasonRejected, rejected, message)
	} else {
		q.tell.ends(refusalOf(q.signal), "collector no longer refuses "+string(q.signal))
	}
	q.stats.failing.Store(rejected > 0 && rejected == p.items)
	if s.limit.took(a.size) {
		q.tell.ends(sizeOf(q.signal), "collector takes larger requests of "+string(q.signal)+" again")
	}
	d.cuts = 0
	s.pause.Reset()
	if s.doubts.taken() {
		q.retryAside(time.Now())
	}
	d.done()
}

// failed decides about a failed attempt.
func (s *sender) failed(d *delivery, a answer) next {
	q := s.queue
	switch a.verdict {
	case refused:
		q.tell.begins(refusalOf(q.signal), "collector refuses "+string(q.signal)+" for good, dropping them", a.err)
		s.bury(d, reasonRejected, a.err.Error())
		s.pause.Reset()
		return proceed
	case tooLarge:
		q.tell.begins(sizeOf(q.signal), fmt.Sprintf("collector refuses a request of %d bytes, splitting requests of %s; raise its limit (nginx: client_max_body_size)", a.size, q.signal), a.err)
		s.limit.refused(a.size, time.Now())
		if !s.split(d) {
			s.bury(d, reasonTooLarge, a.err.Error())
		}
		return proceed
	case cut:
		// Some proxies reset the connection instead of answering 413. If this one is only
		// away, halves are as good as the whole.
		d.cuts++
		if d.cuts >= 2 && len(d.parts[0].payload) >= 2*leastCut && s.split(d) {
			s.limit.refused(a.size, time.Now())
			d.cuts = 0
		}
	case suspect, again:
	}
	if age := time.Since(d.at); age > q.cfg.MaxAge {
		s.expire(d, a)
		return proceed
	}
	confirmed := d.entry.suspicion != nil && d.entry.suspicion.confirmed
	if !confirmed || a.verdict != suspect {
		q.stats.failing.Store(true)
		q.tell.begins(collectorOf(q.signal), "export failed, buffering "+string(q.signal)+" "+q.where(), a.err)
	}
	q.stats.retried.Add(1)
	if a.verdict == suspect {
		d.doubted++
		if d.doubted >= s.doubts.patience(d.entry) {
			return s.suspend(d, a)
		}
	}
	return stay
}

// expire drops what is too old. It becomes a dead letter if the collector had others and
// not this.
func (s *sender) expire(d *delivery, a answer) {
	q := s.queue
	q.stats.failing.Store(true)
	message := a.err.Error()
	for _, p := range d.parts {
		q.refuse(reasonExpired, p.items, message)
		if d.entry.suspicion != nil || a.verdict == suspect {
			s.dead.bury(q.signal, p, message)
		}
	}
	d.parts, d.begun = nil, true
}

// bury drops a part that the collector will never take.
func (s *sender) bury(d *delivery, reason, message string) {
	p := d.parts[0]
	s.queue.stats.failing.Store(true)
	s.queue.refuse(reason, p.items, message)
	s.dead.bury(s.queue.signal, p, message)
	d.done()
}

// settle removes a request from the queue that needs no more attempts.
func (s *sender) settle(d *delivery) {
	q := s.queue
	q.settle(d.request)
	if d.wasAside && q.depth().asideRequests == 0 {
		q.tell.ends(asideOf(q.signal), "no request of "+string(q.signal)+" is set aside any more")
	}
	if d.readers.Load() == 0 {
		q.buffers.give(d.buffer)
	}
}

// leave puts back what the collector has not taken.
func (s *sender) leave(d *delivery) {
	if !d.begun {
		s.queue.putBack(d.request)
		return
	}
	s.queue.replace(d.request, s.rest(d))
}

// rest is one request of the parts that are left.
func (s *sender) rest(d *delivery) request {
	if len(d.parts) == 1 {
		return d.parts[0]
	}
	var payload []byte
	for _, p := range d.parts {
		if p, err := p.unpacked(); err == nil {
			payload = append(payload, p.payload...) // Two messages in a row are one with the fields of both.
		}
	}
	return s.part(d.request, otlp.Half{Request: payload, Items: d.items()})
}

// splitAhead splits a part that the endpoint would refuse for its size.
func (s *sender) splitAhead(d *delivery) bool {
	return s.limit.exceeded(len(d.parts[0].payload), time.Now()) && s.split(d)
}

// split halves the part that is next. It is false for a single item.
func (s *sender) split(d *delivery) bool {
	p, err := d.parts[0].unpacked()
	if err != nil {
		return false
	}
	first, second, err := otlp.SplitRequest(p.payload, s.queue.signal.kind())
	if err != nil {
		return false
	}
	d.parts = slices.Replace(d.parts, 0, 1, s.part(d.request, first), s.part(d.request, second))
	return true
}

// part makes a request of some of the items of another.
func (s *sender) part(of request, half otlp.Half) request {
	p := request{at: of.at, items: half.Items, payload: half.Request, readers: new(atomic.Int32)}
	if of.gzipped && s.client.packs() {
		if packed, err := compress(p.payload); err == nil {
			p.payload, p.gzipped = packed, true
		}
	}
	return p
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/internal/otlp"
	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// delivery is a request that is being sent, whole or in parts.
type delivery struct {
	segment.Request
	parts           []segment.Request // The parts that were not accepted, the oldest first.
	begun           bool              // A part was settled.
	suspectFailures int               // Failures that the request may have caused.
	brokenConns     int               // Consecutive connections that broke while a part was sent.
}

// next is the action after a failed attempt.
type next int

const (
	stay     next = iota // The same part is tried again, after a pause.
	proceed              // The next part is tried.
	setAside             // The request was set aside.
	yield                // The request was put back; after a pause the oldest is taken.
)

// items returns the number of spans, points or records that were not accepted.
func (d *delivery) items() (n int) {
	for _, p := range d.parts {
		n += p.Items
	}
	return n
}

func (d *delivery) done() { d.parts, d.begun = d.parts[1:], true }

// taken records that the collector accepted a part.
func (s *Sender) taken(d *delivery, a collector.Answer) {
	q, p := s.Queue, d.parts[0]
	rejected := min(max(a.Rejected, 0), p.Items)
	q.Stats.Sent.Add(int64(p.Items - rejected))
	q.Report.End(report.CollectorOf(q.Signal), "export succeeded, delivering "+string(q.Signal)+" again")
	if rejected > 0 {
		message := fmt.Sprintf("%s: partial success: %s", s.Client.Host(), a.Message)
		q.Stats.Fail(message, time.Now())
		q.Refuse(report.ReasonRejected, rejected, message)
	} else {
		q.Report.End(report.RefusalOf(q.Signal), "collector no longer rejects "+string(q.Signal))
	}
	q.Stats.Failing.Store(rejected > 0 && rejected == p.Items)
	if s.limit.Accepted(a.Size) {
		q.Report.End(report.SizeOf(q.Signal), "collector accepts larger requests of "+string(q.Signal)+" again")
	}
	d.brokenConns = 0
	s.pause.Reset()
	if s.suspects.taken() {
		q.RetryAside(time.Now())
	}
	d.done()
}

// failed decides what follows a failed attempt.
func (s *Sender) failed(d *delivery, a collector.Answer) next {
	q := s.Queue
	switch a.Verdict {
	case collector.Refused:
		q.Report.Begin(report.RefusalOf(q.Signal), "collector rejects "+string(q.Signal)+" permanently, dropping them", a.Err)
		s.dropPart(d, report.ReasonRejected, a.Err.Error())
		s.pause.Reset()
		return proceed
	case collector.TooLarge:
		q.Report.Begin(report.SizeOf(q.Signal), fmt.Sprintf("collector rejects a request of %d bytes, splitting requests of %s; raise its limit (nginx: client_max_body_size)", a.Size, q.Signal), a.Err)
		s.limit.Refused(a.Size, time.Now())
		if !s.split(d) {
			s.dropPart(d, report.ReasonTooLarge, a.Err.Error())
		}
		return proceed
	case collector.Broken:
		// Some proxies reset the connection instead of responding with 413. If the proxy is only
		// unreachable, splitting does no harm.
		d.brokenConns++
		if d.brokenConns >= 2 && len(d.parts[0].Payload) >= 2*collector.LeastCut && s.split(d) {
			s.limit.Refused(a.Size, time.Now())
			d.brokenConns = 0
		}
	case collector.Suspect, collector.Retry:
	}
	if age := time.Since(d.At); age > q.Cfg.MaxAge {
		s.expire(d, a)
		return proceed
	}
	confirmed := d.Entry.Suspicion != nil && d.Entry.Suspicion.Confirmed
	if !confirmed || a.Verdict != collector.Suspect {
		q.Stats.Failing.Store(true)
		q.Report.Begin(report.CollectorOf(q.Signal), "export failed, buffering "+string(q.Signal)+" "+q.Where(), a.Err)
	}
	q.Stats.Retried.Add(1)
	if a.Verdict == collector.Suspect {
		d.suspectFailures++
		if d.suspectFailures >= s.suspects.maxAttempts(d.Entry) {
			return s.suspend(d, a)
		}
	}
	return stay
}

// expire drops a request that is too old. It becomes a dead letter if the collector accepted others
// and failed on this one.
func (s *Sender) expire(d *delivery, a collector.Answer) {
	q := s.Queue
	q.Stats.Failing.Store(true)
	message := a.Err.Error()
	for _, p := range d.parts {
		q.Refuse(report.ReasonExpired, p.Items, message)
		if d.Entry.Suspicion != nil || a.Verdict == collector.Suspect {
			s.dead.Add(q.Signal, p, message)
		}
	}
	d.parts, d.begun = nil, true
}

// dropPart drops a part that the collector rejects permanently.
func (s *Sender) dropPart(d *delivery, reason, message string) {
	p := d.parts[0]
	s.Queue.Stats.Failing.Store(true)
	s.Queue.Refuse(reason, p.Items, message)
	s.dead.Add(s.Queue.Signal, p, message)
	d.done()
}

// settle removes a request from the queue.
func (s *Sender) settle(d *delivery) {
	q := s.Queue
	q.Settle(d.Request)
	if d.WasAside && q.Depth().AsideRequests == 0 {
		q.Report.End(report.AsideOf(q.Signal), "no request of "+string(q.Signal)+" is set aside any more")
	}
	if d.Readers.Load() == 0 {
		q.Buffers.Give(d.Buffer)
	}
}

// putBack puts back the parts that were not accepted.
func (s *Sender) putBack(d *delivery) {
	if !d.begun {
		s.Queue.PutBack(d.Request)
		return
	}
	s.Queue.Replace(d.Request, s.rest(d))
}

// rest joins the remaining parts into one request.
func (s *Sender) rest(d *delivery) segment.Request {
	if len(d.parts) == 1 {
		return d.parts[0]
	}
	var payload []byte
	for _, p := range d.parts {
		if p, err := p.Unpacked(); err == nil {
			payload = append(payload, p.Payload...) // Concatenated protobuf messages merge into one.
		}
	}
	return s.part(d.Request, otlp.Half{Request: payload, Items: d.items()})
}

// splitAhead splits a part that exceeds the known size limit.
func (s *Sender) splitAhead(d *delivery) bool {
	return s.limit.Exceeded(len(d.parts[0].Payload), time.Now()) && s.split(d)
}

// split halves the next part. It returns false for a single item.
func (s *Sender) split(d *delivery) bool {
	p, err := d.parts[0].Unpacked()
	if err != nil {
		return false
	}
	first, second, err := otlp.SplitRequest(p.Payload, s.Queue.Signal.Kind())
	if err != nil {
		return false
	}
	d.parts = slices.Replace(d.parts, 0, 1, s.part(d.Request, first), s.part(d.Request, second))
	return true
}

// part returns a request with some of the items of another.
func (s *Sender) part(of segment.Request, half otlp.Half) segment.Request {
	p := segment.Request{At: of.At, Items: half.Items, Payload: half.Request, Readers: new(atomic.Int32)}
	if of.Gzipped && s.Client.Compresses() {
		if packed, err := segment.Compress(p.Payload); err == nil {
			p.Payload, p.Gzipped = packed, true
		}
	}
	return p
}

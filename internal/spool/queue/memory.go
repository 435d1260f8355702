// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package queue

import (
	"fmt"
	"time"

	"github.com/voice-agents/telemetry/internal/otlp"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
	"github.com/voice-agents/telemetry/internal/spool/triage"
)

// packShare is the part of the memory that holds uncompressed requests: a collector that keeps up
// costs no compression.
const packShare = 8

// pack compresses a request that will wait behind others in memory. It runs without the lock: the
// sender need not wait for it.
func (q *Queue) pack(r segment.Request) segment.Request {
	q.Mu.Lock()
	crowded := q.inMemory+int64(len(r.Payload)) > q.Cfg.MaxMemory/packShare
	q.Mu.Unlock()
	if !crowded {
		return r
	}
	packed := r.Pack()
	if packed.Packed && !r.Borrowed {
		q.Buffers.Give(r.Buffer)
	}
	return packed
}

// putInMemory stores a request in memory. If there is no space, it makes some.
func (q *Queue) putInMemory(r segment.Request) error {
	most := min(q.Cfg.MaxMemory, segment.MaxPayload)
	if n := len(r.Payload); int64(n) > most {
		if r = r.Pack(); int64(len(r.Payload)) > most {
			q.Drop(report.ReasonFull, r.Items)
			return fmt.Errorf("spool: a request of %d bytes exceeds the limit of %d bytes in memory", n, most)
		}
	}
	s := q.Last()
	if s == nil || !s.InMemory() {
		s = &segment.Segment{}
		q.Segments = append(q.Segments, s)
	}
	q.inMemory += int64(len(r.Payload))
	if err := s.Write(r, nil); err != nil {
		return err
	}
	added := s.Entries[len(s.Entries)-1]
	for q.inMemory > q.Cfg.MaxMemory {
		if q.triage() {
			continue
		}
		waits := added.Segment != nil
		if !q.DropOldest(true, report.ReasonFull) {
			break
		}
		if waits && added.Segment == nil { // All others are being sent.
			return errFull
		}
	}
	return nil
}

// A pass looks at the oldest quarter of the memory, and at no more than 16 MiB before compression.
const (
	windowShare = 4
	maxWindow   = 16 << 20
)

// triage drops the items of the oldest requests in memory that are not to be kept. It reports
// whether it dropped any. Requests without such items are not looked at again.
func (q *Queue) triage() (dropped bool) {
	if q.Signal == segment.Metrics {
		return false
	}
	for !dropped {
		entries, requests := q.untriaged()
		if len(entries) == 0 {
			return false
		}
		verdicts := triage.Judge(requests, q.beingSent(), q.Signal, time.Now())
		for i, e := range entries {
			dropped = q.judge(e, requests[i], verdicts[i]) || dropped
		}
		if dropped {
			return true
		}
		for _, e := range entries { // The others of the turns that have not ended may never come.
			e.Triaged = true
		}
	}
	return true
}

// untriaged returns the oldest requests in memory that may have items to drop, uncompressed.
func (q *Queue) untriaged() (entries []*segment.Entry, requests [][]byte) {
	var size int
	var held int64
	for _, s := range q.Segments {
		if !s.InMemory() {
			continue
		}
		for _, e := range s.Entries {
			if e == q.sending || e.Triaged || !e.Until.IsZero() {
				continue
			}
			r := e.Waits()
			next := r.UnpackedSize()
			if len(entries) > 0 && (size+next > maxWindow || held+int64(e.Size) > q.Cfg.MaxMemory/windowShare) {
				return entries, requests
			}
			r, err := r.Unpacked()
			if err != nil {
				e.Triaged = true
				continue
			}
			size += next
			held += int64(e.Size)
			entries, requests = append(entries, e), append(requests, r.Payload)
		}
	}
	return entries, requests
}

// beingSent returns the request that is being sent, uncompressed; nil if there is none.
func (q *Queue) beingSent() []byte {
	if q.sending == nil {
		return nil
	}
	r, err := q.sendingRequest.Unpacked()
	if err != nil {
		return nil
	}
	return r.Payload
}

// judge drops items of a waiting request. It reports whether it dropped any.
func (q *Queue) judge(e *segment.Entry, request []byte, verdicts []triage.Verdict) (dropped bool) {
	keep, undecided := 0, 0
	for _, v := range verdicts {
		switch v {
		case triage.Keep:
			keep++
		case triage.Undecided:
			undecided++
		case triage.Drop:
		}
	}
	e.Triaged = undecided == 0
	lost := len(verdicts) - keep - undecided
	if lost == 0 || len(verdicts) != e.Items { // It is no request of spans or log records.
		return false
	}
	if keep+undecided == 0 {
		q.remove(e)
		q.Drop(report.ReasonSampled, lost)
		return true
	}
	filtered, err := otlp.FilterRequest(request, q.Signal.Kind(), func(i int) bool { return verdicts[i] != triage.Drop })
	if err != nil {
		e.Triaged = true
		return false
	}
	r := segment.Request{At: e.At, Items: keep + undecided, Payload: filtered}
	if e.Waits().Gzipped {
		if r.Payload, err = segment.Compress(filtered); err != nil {
			return false
		}
		r.Gzipped = true
	}
	r = r.Pack()
	q.inMemory += int64(len(r.Payload) - e.Size)
	e.Shorten(r)
	q.Drop(report.ReasonSampled, lost)
	return true
}

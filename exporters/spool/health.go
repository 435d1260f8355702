// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/semconv"
)

// Why something was dropped.
const (
	reasonBurst    = semconv.VoiceSpoolDropReasonBurst
	reasonFull     = semconv.VoiceSpoolDropReasonFull
	reasonExpired  = semconv.VoiceSpoolDropReasonExpired
	reasonRejected = semconv.VoiceSpoolDropReasonRejected
	reasonTooLarge = semconv.VoiceSpoolDropReasonTooLarge
	reasonDamaged  = semconv.VoiceSpoolDropReasonDamaged
	reasonShutdown = semconv.VoiceSpoolDropReasonShutdown
	reasonRemoved  = semconv.VoiceSpoolDropReasonRemoved
)

// stats is what one signal's queue counts.
type stats struct {
	sent    atomic.Int64
	retried atomic.Int64
	failing atomic.Bool // The newest attempt failed, or what it sent was refused.

	mu       sync.Mutex
	dropped  map[string]int64
	failure  string
	failed   time.Time
	losses   losses                // Since the start.
	reported losses                // What a flush has returned an error about.
	took     func(seconds float64) // Records how long an attempt took; may be nil.
}

func (s *stats) drop(reason string, items int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dropped == nil {
		s.dropped = make(map[string]int64)
	}
	s.dropped[reason] += int64(items)
	switch reason {
	case reasonRejected, reasonTooLarge:
		s.losses.refused += int64(items)
	case reasonExpired:
		s.losses.expired += int64(items)
	}
}

func (s *stats) fail(message string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure, s.failed = message, at
}

func (s *stats) attempt(took time.Duration) {
	s.mu.Lock()
	record := s.took
	s.mu.Unlock()
	if record != nil {
		record(took.Seconds())
	}
}

// measure has attempts recorded from now on.
func (s *stats) measure(record func(seconds float64)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took = record
}

func (s *stats) drops() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.dropped)
}

// Health is how one signal is doing.
type Health struct {
	Signal Signal
	// Requests wait, with Items spans, points or records in them. A file of an earlier process
	// counts as one request of one item until its turn comes and it is opened.
	Requests int
	Items    int
	// Aside of these requests, with AsideItems in them, are set aside: the collector fails on
	// them and takes others. They are tried again more and more rarely until they are too old.
	Aside      int
	AsideItems int
	// Disk is the bytes that the queue takes on disk, with the delivered requests of files and
	// with the files of earlier processes.
	Disk   int64
	Memory int64         // Bytes that wait in memory.
	Oldest time.Duration // For how long the oldest request has waited; 0 if none does.
	// Sent, Retried and Dropped are since the start: items that the collector has taken,
	// attempts that had to be made again, and items that were lost, by the reason.
	Sent    int64
	Retried int64
	Dropped map[string]int64
	// LastError is the newest failure, "" if there was none, and LastErrorAt its time. It
	// holds no headers and nothing of a URL but its host.
	LastError   string
	LastErrorAt time.Time
	// Delivering reports that the collector took the newest request, at least in part, or
	// that there was none yet. Attempts with requests that are set aside do not count while
	// others are taken.
	Delivering bool
}

func (q *queue) health(now time.Time) Health {
	h := Health{Signal: q.signal, Sent: q.stats.sent.Load(), Retried: q.stats.retried.Load(), Dropped: q.stats.drops(), Delivering: !q.stats.failing.Load()}
	d := q.depth()
	h.Requests, h.Items, h.Disk, h.Memory = d.requests, d.items, d.disk, d.memory
	h.Aside, h.AsideItems = d.asideRequests, d.asideItems
	if !d.oldest.IsZero() {
		h.Oldest = max(now.Sub(d.oldest), 0)
	}
	q.stats.mu.Lock()
	defer q.stats.mu.Unlock()
	h.LastError, h.LastErrorAt = q.stats.failure, q.stats.failed
	return h
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/segment"
	"github.com/voice-agents/telemetry/semconv"
)

// The reasons for dropping items.
const (
	ReasonBurst    = semconv.VoiceSpoolDropReasonBurst
	ReasonSampled  = semconv.VoiceSpoolDropReasonSampled
	ReasonFull     = semconv.VoiceSpoolDropReasonFull
	ReasonExpired  = semconv.VoiceSpoolDropReasonExpired
	ReasonRejected = semconv.VoiceSpoolDropReasonRejected
	ReasonTooLarge = semconv.VoiceSpoolDropReasonTooLarge
	ReasonDamaged  = semconv.VoiceSpoolDropReasonDamaged
	ReasonShutdown = semconv.VoiceSpoolDropReasonShutdown
	ReasonRemoved  = semconv.VoiceSpoolDropReasonRemoved
)

// Stats are the counters of one signal's queue.
type Stats struct {
	Sent    atomic.Int64
	Retried atomic.Int64
	Failing atomic.Bool // The newest attempt failed, or its request was rejected.

	mu       sync.Mutex
	dropped  map[string]int64
	failure  string
	failed   time.Time
	losses   Losses                // Since the start.
	reported Losses                // Those about which a flush has returned an error.
	took     func(seconds float64) // Records the duration of an attempt; may be nil.
}

// Drop counts lost items.
func (s *Stats) Drop(reason string, items int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dropped == nil {
		s.dropped = make(map[string]int64)
	}
	s.dropped[reason] += int64(items)
	switch reason {
	case ReasonRejected, ReasonTooLarge:
		s.losses.Refused += int64(items)
	case ReasonExpired:
		s.losses.Expired += int64(items)
	}
}

// Fail keeps the newest failure.
func (s *Stats) Fail(message string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure, s.failed = message, at
}

// Attempt records the duration of an attempt.
func (s *Stats) Attempt(took time.Duration) {
	s.mu.Lock()
	record := s.took
	s.mu.Unlock()
	if record != nil {
		record(took.Seconds())
	}
}

// Measure sets the function that records attempts.
func (s *Stats) Measure(record func(seconds float64)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took = record
}

// Drops returns the number of lost items by reason.
func (s *Stats) Drops() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.dropped)
}

// Health is the state of one signal.
type Health struct {
	Signal segment.Signal
	// Requests wait, with Items spans, points or records in them. A file of an earlier process
	// counts as one request with one item until it is opened.
	Requests int
	Items    int
	// Aside of these requests, with AsideItems in them, are set aside: the collector fails on
	// them and accepts others. They are retried with growing pauses until they are too old.
	Aside      int
	AsideItems int
	// Disk is the size of the files in bytes, including delivered requests and the files of
	// earlier processes.
	Disk   int64
	Memory int64         // Bytes that wait in memory.
	Oldest time.Duration // Age of the oldest waiting request; 0 if none waits.
	// Sent, Retried and Dropped count since the start: accepted items, repeated attempts, and
	// lost items by reason.
	Sent    int64
	Retried int64
	Dropped map[string]int64
	// LastError is the newest failure, "" if there was none, and LastErrorAt its time. It
	// contains no headers, and of a URL only the host.
	LastError   string
	LastErrorAt time.Time
	// Delivering reports whether the collector accepted at least a part of the newest request,
	// or there was none yet. Attempts with requests that are set aside do not count while others
	// are accepted.
	Delivering bool
}

// Unreported returns the losses since the last flush, and marks them as reported.
func (s *Stats) Unreported() Losses {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := Losses{s.losses.Refused - s.reported.Refused, s.losses.Expired - s.reported.Expired, s.losses.Message}
	s.reported = s.losses
	return l
}

// All returns the losses since the start.
func (s *Stats) All() Losses {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.losses
}

// Losses are the items that the collector rejected, or that expired.
type Losses struct {
	Refused int64 // Rejected permanently or for their size.
	Expired int64
	Message string // Of the newest.
}

// LastFailure returns the newest failure and its time.
func (s *Stats) LastFailure() (string, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure, s.failed
}

// Explain keeps the collector's message about the newest loss.
func (s *Stats) Explain(message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.losses.Message = message
}

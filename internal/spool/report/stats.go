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

// Why something was dropped.
const (
	ReasonBurst    = semconv.VoiceSpoolDropReasonBurst
	ReasonFull     = semconv.VoiceSpoolDropReasonFull
	ReasonExpired  = semconv.VoiceSpoolDropReasonExpired
	ReasonRejected = semconv.VoiceSpoolDropReasonRejected
	ReasonTooLarge = semconv.VoiceSpoolDropReasonTooLarge
	ReasonDamaged  = semconv.VoiceSpoolDropReasonDamaged
	ReasonShutdown = semconv.VoiceSpoolDropReasonShutdown
	ReasonRemoved  = semconv.VoiceSpoolDropReasonRemoved
)

// Stats is what one signal's queue counts.
type Stats struct {
	Sent    atomic.Int64
	Retried atomic.Int64
	Failing atomic.Bool // The newest attempt failed, or what it sent was refused.

	mu       sync.Mutex
	dropped  map[string]int64
	failure  string
	failed   time.Time
	losses   Losses                // Since the start.
	reported Losses                // What a flush has returned an error about.
	took     func(seconds float64) // Records how long an attempt took; may be nil.
}

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

func (s *Stats) Fail(message string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure, s.failed = message, at
}

func (s *Stats) Attempt(took time.Duration) {
	s.mu.Lock()
	record := s.took
	s.mu.Unlock()
	if record != nil {
		record(took.Seconds())
	}
}

// Measure has attempts recorded from now on.
func (s *Stats) Measure(record func(seconds float64)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took = record
}

func (s *Stats) Drops() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.dropped)
}

// Health is how one signal is doing.
type Health struct {
	Signal segment.Signal
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

// Unreported returns what was lost since the last flush, and remembers that it was reported.
func (s *Stats) Unreported() Losses {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := Losses{s.losses.Refused - s.reported.Refused, s.losses.Expired - s.reported.Expired, s.losses.Message}
	s.reported = s.losses
	return l
}

// All returns what was lost since the start.
func (s *Stats) All() Losses {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.losses
}

// Losses are what was put and did not get to the collector for the collector's sake.
type Losses struct {
	Refused int64 // For good, or for their size.
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

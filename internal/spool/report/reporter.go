// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package report counts the items that a spool delivers and loses, and logs problems when they
// begin and when they end.
package report

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/segment"
	"github.com/voice-agents/telemetry/semconv"
)

// Interval is the shortest time between two log lines about the same problem.
const Interval = 30 * time.Second

// Listener receives log lines about problems that begin or end. It is called in a goroutine of
// the spool, never in one of a caller.
type Listener func(level slog.Level, message string, attrs ...slog.Attr)

// Reporter logs problems when they begin and when they end, instead of for each request. A problem
// is identified by one of a few texts, so the state is small.
type Reporter struct {
	Lines   chan line   // Lines to be logged; lines that do not fit are dropped.
	Logging atomic.Bool // The listener is being called.

	mu    sync.Mutex
	state map[string]*problem
}

type line struct {
	Level   slog.Level
	Message string
	Attrs   []slog.Attr
}

// problem is the state of a problem, present or past.
type problem struct {
	on     bool
	since  time.Time
	logged time.Time // When its beginning was last logged; zero if never.
	items  int       // Items dropped since then.
}

// NewReporter returns a reporter.
func NewReporter() *Reporter {
	return &Reporter{Lines: make(chan line, 16), state: make(map[string]*problem)}
}

func (t *Reporter) problemOf(what string) *problem {
	if t.state[what] == nil {
		t.state[what] = &problem{}
	}
	return t.state[what]
}

func (t *Reporter) log(level slog.Level, message string, attrs ...slog.Attr) {
	select {
	case t.Lines <- line{level, message, attrs}:
	default: // There is no listener. Health has the same information.
	}
}

// Listen logs lines until the channel is closed, and then the remaining ones.
func (t *Reporter) Listen(silent <-chan struct{}, to Listener) {
	tell := func(l line) {
		t.Logging.Store(true)
		defer t.Logging.Store(false)
		to(l.Level, l.Message, l.Attrs...)
	}
	tick := time.NewTicker(Interval)
	defer tick.Stop()
	for {
		select {
		case l := <-t.Lines:
			tell(l)
		case now := <-tick.C:
			t.EndLosses(now, false)
		case <-silent:
			t.EndLosses(time.Now(), true)
			for {
				select {
				case l := <-t.Lines:
					tell(l)
				default:
					return
				}
			}
		}
	}
}

// Begin logs the beginning of a problem, once until it ends and at most once in the interval.
func (t *Reporter) Begin(what, message string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	s := t.problemOf(what)
	if s.on {
		return
	}
	s.on, s.since = true, now
	if !s.logged.IsZero() && now.Sub(s.logged) < Interval {
		return
	}
	s.logged = now
	t.log(slog.LevelWarn, message+": "+err.Error())
}

// End logs the end of a problem whose beginning was logged.
func (t *Reporter) End(what, message string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.problemOf(what)
	if !s.on {
		return
	}
	s.on = false
	if s.logged.Before(s.since) {
		return
	}
	t.log(slog.LevelInfo, message, slog.String("after", time.Since(s.since).Round(time.Millisecond).String()))
}

// Once logs a problem that does not end.
func (t *Reporter) Once(what string, err error) {
	t.Begin("once "+what, what, err)
}

// Dropping logs that items are being lost when that begins, and their number when none were lost
// for the interval or at shutdown.
func (t *Reporter) Dropping(signal segment.Signal, reason string, items int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.problemOf(dropsOf + signal.Noun() + " were lost: " + reason)
	s.items += items
	s.logged = time.Now()
	if s.on {
		return
	}
	s.on, s.since = true, s.logged
	if reason == ReasonShutdown { // The number is logged at once.
		return
	}
	t.log(slog.LevelWarn, signal.Noun()+" are being lost: "+reason,
		slog.String(string(semconv.VoiceSignalKey), string(signal)), slog.String(string(semconv.VoiceSpoolDropReasonKey), reason))
}

const dropsOf = "drops of "

// EndLosses logs the number of lost items for losses that have ended.
func (t *Reporter) EndLosses(now time.Time, all bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for what, s := range t.state {
		if !s.on || len(what) < len(dropsOf) || what[:len(dropsOf)] != dropsOf || !all && now.Sub(s.logged) < Interval {
			continue
		}
		t.log(slog.LevelWarn, what[len(dropsOf):], slog.Int("lost", s.items))
		s.on, s.items = false, 0
	}
}

// Event logs something without duration, at most once in the interval.
func (t *Reporter) Event(what, message string, attrs ...slog.Attr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.problemOf("event " + what)
	now := time.Now()
	if !s.logged.IsZero() && now.Sub(s.logged) < Interval {
		return
	}
	s.logged = now
	t.log(slog.LevelWarn, message, attrs...)
}

// DiskOf identifies the problem of failed writes.
func DiskOf(s segment.Signal) string { return "disk of " + string(s) }

// CollectorOf identifies the problem of an unreachable or failing collector.
func CollectorOf(s segment.Signal) string { return "collector of " + string(s) }

// RefusalOf identifies the problem of permanently rejected requests.
func RefusalOf(s segment.Signal) string { return "refusal of " + string(s) }

// SizeOf identifies the problem of requests that are too large.
func SizeOf(s segment.Signal) string { return "size of " + string(s) }

// AsideOf identifies the problem of requests that are set aside.
func AsideOf(s segment.Signal) string { return "aside of " + string(s) }

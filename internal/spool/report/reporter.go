// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package report counts what a spool delivers and loses, and logs its troubles when they begin
// and when they end.
package report

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/segment"
	"github.com/voice-agents/telemetry/semconv"
)

// Interval is how often one and the same trouble is told.
const Interval = 30 * time.Second

// Listener takes what a spool has to say about itself: a trouble that begins, and its end. It
// is called from the spool's own goroutine, never from a caller's.
type Listener func(level slog.Level, message string, attrs ...slog.Attr)

// Reporter tells of troubles when they begin and when they end, and not of each request.
// What a trouble is about is one of a few texts, so that little is remembered.
type Reporter struct {
	Lines   chan line   // What has not been told yet; what does not fit is left out.
	Logging atomic.Bool // A line is being handed over.

	mu    sync.Mutex
	state map[string]*trouble
}

type line struct {
	Level   slog.Level
	Message string
	Attrs   []slog.Attr
}

// trouble is one that is there, or has been.
type trouble struct {
	on     bool
	since  time.Time
	logged time.Time // When its beginning was last told; zero if it was not.
	items  int       // That were dropped since then.
}

func NewReporter() *Reporter {
	return &Reporter{Lines: make(chan line, 16), state: make(map[string]*trouble)}
}

func (t *Reporter) troubleOf(what string) *trouble {
	if t.state[what] == nil {
		t.state[what] = &trouble{}
	}
	return t.state[what]
}

func (t *Reporter) log(level slog.Level, message string, attrs ...slog.Attr) {
	select {
	case t.Lines <- line{level, message, attrs}:
	default: // Nobody listens; Health has it all.
	}
}

// Listen hands lines over until the channel is closed, and then what is left.
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

// Begin tells of a trouble, once until it has ended, and not twice in the interval.
func (t *Reporter) Begin(what, message string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	s := t.troubleOf(what)
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

// End tells that a trouble has ended whose beginning was told.
func (t *Reporter) End(what, message string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.troubleOf(what)
	if !s.on {
		return
	}
	s.on = false
	if s.logged.Before(s.since) {
		return
	}
	t.log(slog.LevelInfo, message, slog.String("after", time.Since(s.since).Round(time.Millisecond).String()))
}

// Once tells of something that has no end.
func (t *Reporter) Once(what string, err error) {
	t.Begin("once "+what, what, err)
}

// Dropping tells that something was lost: when it begins, and what it came to when none
// has been for the interval, or at the end.
func (t *Reporter) Dropping(signal segment.Signal, reason string, items int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.troubleOf(dropsOf + signal.Noun() + " were lost: " + reason)
	s.items += items
	s.logged = time.Now()
	if s.on {
		return
	}
	s.on, s.since = true, s.logged
	if reason == ReasonShutdown { // What it comes to is told at once.
		return
	}
	t.log(slog.LevelWarn, signal.Noun()+" are being lost: "+reason,
		slog.String(string(semconv.VoiceSignalKey), string(signal)), slog.String(string(semconv.VoiceSpoolDropReasonKey), reason))
}

const dropsOf = "drops of "

// EndLosses tells of losses that have ended.
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

// Event reports something that has no end, at most once in the interval.
func (t *Reporter) Event(what, message string, attrs ...slog.Attr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.troubleOf("event " + what)
	now := time.Now()
	if !s.logged.IsZero() && now.Sub(s.logged) < Interval {
		return
	}
	s.logged = now
	t.log(slog.LevelWarn, message, attrs...)
}

// These are what troubles are about.
func DiskOf(s segment.Signal) string { return "disk of " + string(s) }

func CollectorOf(s segment.Signal) string { return "collector of " + string(s) }

func RefusalOf(s segment.Signal) string { return "refusal of " + string(s) }

func SizeOf(s segment.Signal) string { return "size of " + string(s) }

func AsideOf(s segment.Signal) string { return "aside of " + string(s) }

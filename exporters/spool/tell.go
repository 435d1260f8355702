// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/semconv"
)

// tellInterval is how often one and the same trouble is told.
const tellInterval = 30 * time.Second

// Tell takes what a spool has to say about itself: a trouble that begins, and its end. It
// is called from the spool's own goroutine, never from a caller's.
type Tell func(level slog.Level, message string, attrs ...slog.Attr)

// teller tells of troubles when they begin and when they end, and not of each request.
// What a trouble is about is one of a few texts, so that little is remembered.
type teller struct {
	lines   chan line   // What has not been told yet; what does not fit is left out.
	telling atomic.Bool // A line is being handed over.

	mu    sync.Mutex
	state map[string]*trouble
}

type line struct {
	level   slog.Level
	message string
	attrs   []slog.Attr
}

// trouble is one that is there, or has been.
type trouble struct {
	on    bool
	since time.Time
	told  time.Time // When its beginning was last told; zero if it was not.
	items int       // That were dropped since then.
}

func newTeller() *teller {
	return &teller{lines: make(chan line, 16), state: make(map[string]*trouble)}
}

func (t *teller) about(what string) *trouble {
	if t.state[what] == nil {
		t.state[what] = &trouble{}
	}
	return t.state[what]
}

func (t *teller) say(level slog.Level, message string, attrs ...slog.Attr) {
	select {
	case t.lines <- line{level, message, attrs}:
	default: // Nobody listens; Health has it all.
	}
}

// listen hands lines over until the channel is closed, and then what is left.
func (t *teller) listen(silent <-chan struct{}, to Tell) {
	tell := func(l line) {
		t.telling.Store(true)
		defer t.telling.Store(false)
		to(l.level, l.message, l.attrs...)
	}
	tick := time.NewTicker(tellInterval)
	defer tick.Stop()
	for {
		select {
		case l := <-t.lines:
			tell(l)
		case now := <-tick.C:
			t.settled(now, false)
		case <-silent:
			t.settled(time.Now(), true)
			for {
				select {
				case l := <-t.lines:
					tell(l)
				default:
					return
				}
			}
		}
	}
}

// begins tells of a trouble, once until it has ended, and not twice in the interval.
func (t *teller) begins(what, message string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	s := t.about(what)
	if s.on {
		return
	}
	s.on, s.since = true, now
	if !s.told.IsZero() && now.Sub(s.told) < tellInterval {
		return
	}
	s.told = now
	t.say(slog.LevelWarn, message+": "+err.Error())
}

// ends tells that a trouble has ended whose beginning was told.
func (t *teller) ends(what, message string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.about(what)
	if !s.on {
		return
	}
	s.on = false
	if s.told.Before(s.since) {
		return
	}
	t.say(slog.LevelInfo, message, slog.String("after", time.Since(s.since).Round(time.Millisecond).String()))
}

// once tells of something that has no end.
func (t *teller) once(what string, err error) {
	t.begins("once "+what, what, err)
}

// dropping tells that something was lost: when it begins, and what it came to when none
// has been for the interval, or at the end.
func (t *teller) dropping(signal Signal, reason string, items int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.about(dropsOf + signal.noun() + " were lost: " + reason)
	s.items += items
	s.told = time.Now()
	if s.on {
		return
	}
	s.on, s.since = true, s.told
	if reason == reasonShutdown { // What it comes to is told at once.
		return
	}
	t.say(slog.LevelWarn, signal.noun()+" are being lost: "+reason,
		slog.String(string(semconv.VoiceSignalKey), string(signal)), slog.String(string(semconv.VoiceSpoolDropReasonKey), reason))
}

const dropsOf = "drops of "

// settled tells of losses that have ended.
func (t *teller) settled(now time.Time, all bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for what, s := range t.state {
		if !s.on || len(what) < len(dropsOf) || what[:len(dropsOf)] != dropsOf || !all && now.Sub(s.told) < tellInterval {
			continue
		}
		t.say(slog.LevelWarn, what[len(dropsOf):], slog.Int("lost", s.items))
		s.on, s.items = false, 0
	}
}

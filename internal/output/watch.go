// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package output

import (
	"log/slog"
	"time"
)

// watch detects stalls. The Writer's lock guards it. A timer runs from the first queued line and checks the
// write in progress at each tick, so that a write that returns needs no clock.
type watch struct {
	timer   *time.Timer
	ticking bool

	writes  uint64 // The number of writes that have begun.
	writing bool   // The newest of them has not returned.
	// The state at the last tick.
	sawWrites  uint64
	sawWriting bool
	sawNumber  uint64 // The number of the newest entry.
	sawBefore  uint64 // sawNumber one tick earlier.

	since    time.Time // When the output stalled.
	lost     uint64    // Lines that were dropped during the stall.
	blocked  notice
	dropping notice
}

// notice is a message that is logged once in a stall, and at most once in reportEvery.
type notice struct {
	logged bool
	quiet  time.Time // Not logged before.
}

func (n *notice) due(now time.Time) bool {
	if n.logged || now.Before(n.quiet) {
		return false
	}
	n.logged, n.quiet = true, now.Add(reportEvery)
	return true
}

const (
	reportAfter = time.Second      // Shorter stalls are not logged.
	reportEvery = 30 * time.Second // The time between two stalls that are logged.
)

func (a *watch) begins() { a.writes++; a.writing = true }
func (a *watch) ends()   { a.writing = false }

// arm starts the timer unless it runs.
func (a *watch) arm(w *Writer) {
	if a.ticking {
		return
	}
	a.ticking = true
	if a.timer == nil {
		a.timer = time.AfterFunc(tick, w.tick)
		return
	}
	a.timer.Reset(tick)
}

// tick checks the write in progress.
func (w *Writer) tick() {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := &w.watch
	if !w.draining && a.writes == a.sawWrites {
		a.ticking, a.sawWriting = false, false
		w.dismiss()
		return
	}
	if !w.stalled && a.slow(w.queue.first) {
		w.stall()
	}
	a.sawWrites, a.sawWriting = a.writes, a.writing
	a.sawBefore, a.sawNumber = a.sawNumber, w.queue.number
	if !w.stalled || !w.draining {
		a.timer.Reset(tick)
		return
	}
	if now := time.Now(); now.Sub(a.since) >= reportAfter && a.blocked.due(now) {
		w.report(slog.LevelWarn, "log output blocked, queueing lines", slog.Int("waiting", w.queue.lines))
	}
	a.timer.Reset(reportAfter / 4)
}

// slow reports whether one write has been in progress since the last tick, or a caller has waited for two
// ticks, or for one tick in which the output was always writing.
func (a *watch) slow(oldest *entry) bool {
	busy := a.writing && a.sawWriting
	if busy && a.writes == a.sawWrites {
		return true
	}
	if oldest == nil || !oldest.waited {
		return false
	}
	return oldest.number <= a.sawBefore || busy && oldest.number <= a.sawNumber
}

// stall marks the output as stalled and releases the waiting callers.
func (w *Writer) stall() {
	w.stalled = true
	w.watch.since = time.Now()
	for e := w.queue.first; e != nil; e = e.next {
		if e.waited && !e.released {
			e.released = true
			e.done <- false
		}
	}
}

// dropped counts a line that did not fit into the queue.
func (a *watch) dropped(w *Writer) {
	a.lost++
	if a.dropping.due(time.Now()) {
		w.report(slog.LevelWarn, "log output blocked, dropping lines: read the output, or choose another with LOG_OUTPUT",
			slog.Int("waiting", w.queue.lines))
	}
}

// recovered logs that the output accepts lines again, if the stall was logged.
func (a *watch) recovered(w *Writer) {
	if a.blocked.logged || a.dropping.logged {
		w.report(slog.LevelInfo, "log output accepts lines again",
			slog.String("after", time.Since(a.since).Round(time.Millisecond).String()), slog.Uint64("lost", a.lost))
	}
	a.blocked.logged, a.dropping.logged, a.lost = false, false, 0
	if a.ticking { // A stalled output is checked less often.
		a.timer.Reset(tick)
	}
}

func (w *Writer) report(level slog.Level, message string, attrs ...slog.Attr) {
	if w.opts.Report == nil {
		return
	}
	attrs = append([]slog.Attr{slog.String("output", w.opts.Name)}, attrs...)
	go w.opts.Report(level, message, attrs...)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package output

import (
	"log/slog"
	"time"
)

// watch looks at writes in progress, and tells when the output stalls. The Writer's lock
// guards it. It needs no clock for a write that returns: a timer runs from the first
// line that waits, and looks at what is being written each tick.
type watch struct {
	timer   *time.Timer
	ticking bool

	writes  uint64 // How many writes have begun.
	writing bool   // The newest of them has not returned.
	// What the tick before saw.
	sawWrites  uint64
	sawWriting bool
	sawNumber  uint64 // Of the newest entry.
	sawBefore  uint64 // That of the tick before.

	since    time.Time // When the output stalled.
	lost     uint64    // Lines that were dropped during the stall.
	blocked  notice
	dropping notice
}

// notice is a message that is logged once in a stall, and not again within tellEvery.
type notice struct {
	told  bool
	quiet time.Time
}

func (n *notice) due(now time.Time) bool {
	if n.told || now.Before(n.quiet) {
		return false
	}
	n.told, n.quiet = true, now.Add(tellEvery)
	return true
}

const (
	tellAfter = time.Second      // A shorter stall is not logged.
	tellEvery = 30 * time.Second // Between two stalls that are logged.
)

func (a *watch) begins() { a.writes++; a.writing = true }
func (a *watch) ends()   { a.writing = false }

// arm sees to it that the timer runs.
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

// tick looks at the write in progress.
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
	if now := time.Now(); now.Sub(a.since) >= tellAfter && a.blocked.due(now) {
		w.tell(slog.LevelWarn, "log output blocked, queueing lines", slog.Int("waiting", w.queue.lines))
	}
	a.timer.Reset(tellAfter / 4)
}

// slow reports that one write has been in progress since the tick before, or that a
// caller has waited for two ticks, or for one while the output did nothing but write.
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

// stall releases those who wait.
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

// dropped counts a line for which there was no room.
func (a *watch) dropped(w *Writer) {
	a.lost++
	if a.dropping.due(time.Now()) {
		w.tell(slog.LevelWarn, "log output blocked, dropping lines: read the output, or choose another with LOG_OUTPUT",
			slog.Int("waiting", w.queue.lines))
	}
}

// recovered tells that the output takes lines again, if it told that it did not.
func (a *watch) recovered(w *Writer) {
	if a.blocked.told || a.dropping.told {
		w.tell(slog.LevelInfo, "log output takes lines again",
			slog.String("after", time.Since(a.since).Round(time.Millisecond).String()), slog.Uint64("lost", a.lost))
	}
	a.blocked.told, a.dropping.told, a.lost = false, false, 0
	if a.ticking { // A stalled output is looked at less often.
		a.timer.Reset(tick)
	}
}

func (w *Writer) tell(level slog.Level, message string, attrs ...slog.Attr) {
	if w.opts.Tell == nil {
		return
	}
	attrs = append([]slog.Attr{slog.String("output", w.opts.Name)}, attrs...)
	go w.opts.Tell(level, message, attrs...)
}

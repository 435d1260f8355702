// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package output

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
)

// losses counts lost lines.
type losses struct {
	lost    uint64
	failing bool // The newest line was lost.
}

// startDrain starts writing the queue, unless it is being written. The lock is held.
func (w *Writer) startDrain() {
	w.watch.arm(w)
	switch {
	case w.draining:
		return
	case w.parked:
		w.parked = false
		w.wake <- true
	default:
		go w.run()
	}
	w.draining = true
}

// drain writes the queue in order. When the queue is empty, it waits for a tick or two if the target is a
// file: a new goroutine for each line would grow its stack for each line, which takes three times as long
// as the write. With other writers it ends at once, because they may belong to a test in a synctest bubble,
// which cannot end before its goroutines.
func (w *Writer) drain() {
	returned := false
	w.mu.Lock()
	defer func() {
		if returned {
			return
		}
		// The target ended the goroutine (runtime.Goexit).
		w.mu.Lock()
		defer w.mu.Unlock()
		w.watch.ends()
		e := w.queue.pop()
		e.err, e.failed = errEnded, e.lines
		w.settle(e)
		go w.run()
	}()
	for {
		for w.queue.first != nil {
			quick := w.writeEntry(w.queue.first)
			w.settle(w.queue.pop())
			// A stalled output is trusted again when it takes the last line at once.
			if w.stalled && quick && w.queue.first == nil {
				w.stalled = false
				w.watch.recovered(w)
			}
		}
		w.draining, w.parked = false, w.target.lingers
		w.mu.Unlock()
		if !w.target.lingers || !<-w.wake {
			returned = true
			return
		}
		w.mu.Lock()
	}
}

var errEnded = errors.New("output: write: the writer ended its goroutine")

// writeEntry writes an entry and reports whether a line was written in less than a tick. It is called with
// the lock held, and unlocks while it writes.
func (w *Writer) writeEntry(e *entry) (quick bool) {
	text := e.text
	flush := w.opts.Buffer > 0 && w.opts.Flush != nil && (e.lines == 0 || e.next == nil)
	if e.lines == 0 && !flush {
		return false
	}
	torn, timed := w.torn, w.stalled
	w.watch.begins()
	w.mu.Unlock()

	var start time.Time
	if timed { // A healthy output needs no clock.
		start = time.Now()
	}
	var err error
	failed := 0
	for rest := text; len(rest) > 0; {
		line := rest[:w.piece(rest)]
		rest = rest[len(line):]
		n, problem := w.attempt(line, torn && !w.target.repairs)
		if n > 0 && n <= len(line) {
			torn = line[n-1] != '\n'
		}
		if problem != nil {
			err = problem
			failed++
		}
	}
	var notFlushed error // The target counts the lines that it loses in Flush.
	if flush {
		notFlushed = w.opts.Flush()
	}
	quick = timed && time.Since(start) < tick

	w.mu.Lock()
	w.watch.ends()
	w.torn = torn
	e.err, e.failed = err, failed
	if e.lines == 0 {
		e.err = notFlushed
	}
	return quick && err == nil && len(text) > 0
}

// piece returns the length of the next write: one line of a buffer, or all of the text.
func (w *Writer) piece(text []byte) int {
	if w.opts.Buffer > 0 {
		if end := bytes.IndexByte(text, '\n'); end >= 0 {
			return end + 1
		}
	}
	return len(text)
}

// attempt writes a line, after a line end if the last line was cut off. The target may be a user's writer,
// which may panic or return wrong counts.
func (w *Writer) attempt(line []byte, repair bool) (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			n, err = 0, fmt.Errorf("output: write: panic: %v", r)
		}
	}()
	if repair {
		if _, err := w.target.write([]byte{'\n'}); err != nil {
			return 0, fmt.Errorf("output: write: %w", err)
		}
	}
	n, err = w.target.write(line)
	if err == nil && n < len(line) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return n, fmt.Errorf("output: write: %w", err)
	}
	return n, nil
}

// settle records the result of an entry. The lock is held.
func (w *Writer) settle(e *entry) {
	if e.flush != nil {
		e.flush.err = e.err
		close(e.flush.done)
	}
	if e.dropped {
		w.late.lost -= uint64(e.lines - e.failed) // They were written after all.
		e.failed = 0
	}
	if e.waited && !e.released {
		e.done <- true // The caller frees it.
		return
	}
	if e.lines > 0 {
		w.late.lost += uint64(e.failed)
		if e.err != nil && !w.late.failing && w.opts.Failed != nil {
			go w.opts.Failed(e.err)
		}
		w.late.failing = e.err != nil
	}
	w.queue.free(e)
}

// dismiss ends the goroutine of drain if it is parked. The lock is held.
func (w *Writer) dismiss() {
	if w.parked {
		w.parked = false
		w.wake <- false
	}
}

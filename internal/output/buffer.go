// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package output

import "time"

// buffered is the timer of a Writer with a buffer. The Writer's lock guards it.
type buffered struct {
	timer *time.Timer
	armed bool // The timer runs, or has fired and waits for the lock.
}

// maxChunk bounds the text of an entry with several lines.
const maxChunk = 4 << 10

// buffer puts a line into the buffer. It starts writing when the buffer is full, and otherwise starts the
// timer. The timer is not stopped when lines are written for another reason, because stopping it each
// time costs more than one useless expiry in an interval. buffer returns false for a line that is longer
// than the buffer, and when twice the buffer's size is queued: then the caller must wait, or a burst would
// fill the queue.
func (w *Writer) buffer(line []byte) bool {
	if !w.stalled && (len(line) > w.opts.Buffer || w.queue.bytes+len(line) > 2*w.opts.Buffer) {
		return false
	}
	// An entry that is being written cannot grow.
	if e := w.queue.last; e != nil && e.lines > 0 && !e.waited && (e != w.queue.first || !w.draining) && len(e.text)+len(line) <= maxChunk {
		w.queue.add(e, line)
	} else {
		w.queue.push(line)
	}
	switch {
	case w.draining || w.queue.bytes >= w.opts.Buffer:
		w.startDrain()
	case !w.buffered.armed:
		w.buffered.armed = true
		if w.buffered.timer == nil {
			w.buffered.timer = time.AfterFunc(w.opts.Interval, w.bufferedExpire)
		} else {
			w.buffered.timer.Reset(w.opts.Interval)
		}
	}
	return true
}

// bufferedExpire writes the buffered lines when the interval is over.
func (w *Writer) bufferedExpire() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buffered.armed = false
	if w.queue.first != nil {
		w.startDrain()
	}
}

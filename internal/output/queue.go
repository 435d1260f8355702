// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package output

import "sync"

// queue has the queued lines, oldest first. The Writer's lock guards it.
type queue struct {
	first, last *entry
	lines       int
	bytes       int
	number      uint64 // The number of the newest entry.
	unused      sync.Pool
}

// entry is a queued line, several lines of a buffer, or a marker without text.
type entry struct {
	next   *entry
	number uint64 // Entries are numbered in their order.
	text   []byte
	lines  int

	waited   bool      // A caller waits for done.
	released bool      // The caller no longer waits, because the output stalled.
	dropped  bool      // The lines were counted as lost while they were being written.
	done     chan bool // Receives true when the entry is written, or false when it is released.
	err      error     // The error of the write.
	failed   int       // Lines that were not written.
	flush    *flush    // Set in a marker that ForceFlush waits for.
}

// flush is the result that calls of ForceFlush wait for.
type flush struct {
	done chan struct{} // Closed when the marker was reached.
	err  error         // The error of Options.Flush; valid once done is closed.
}

// marker returns the flush of a new marker, or that of the newest entry if it is a marker that is not
// being handled: an output that hangs and is flushed each second must not collect markers.
func (q *queue) marker(handling bool) *flush {
	if e := q.last; e != nil && e.flush != nil && (e != q.first || !handling) {
		return e.flush
	}
	f := &flush{done: make(chan struct{})}
	q.push(nil).flush = f
	return f
}

// maxKeptText bounds the buffer that an entry keeps for its next line.
const maxKeptText = 16 << 10

// push adds a copy of a line, or a marker.
func (q *queue) push(line []byte) *entry {
	e, _ := q.unused.Get().(*entry)
	if e == nil {
		e = &entry{done: make(chan bool, 1)}
	}
	q.number++
	e.number = q.number
	if q.last == nil {
		q.first = e
	} else {
		q.last.next = e
	}
	q.last = e
	if len(line) > 0 {
		q.add(e, line)
	}
	return e
}

// add adds a copy of a line to an entry of the queue.
func (q *queue) add(e *entry, line []byte) {
	e.text = append(e.text, line...)
	e.lines++
	q.lines++
	q.bytes += len(line)
}

// pop removes and returns the oldest entry.
func (q *queue) pop() *entry {
	e := q.first
	q.first = e.next
	if q.first == nil {
		q.last = nil
	}
	q.lines -= e.lines
	q.bytes -= len(e.text)
	e.next = nil
	return e
}

// discard removes all lines and returns their number. It marks lines that are being written as dropped,
// and keeps markers.
func (q *queue) discard(writing bool) (lines int) {
	for e, first := q.first, true; e != nil; e, first = e.next, false {
		if e.dropped {
			continue
		}
		lines += e.lines
		if first && writing {
			e.dropped = true
			continue
		}
		q.lines -= e.lines
		q.bytes -= len(e.text)
		e.text, e.lines = e.text[:0], 0
	}
	return lines
}

// free returns an entry to the pool. It may be called without the lock.
func (q *queue) free(e *entry) {
	text := e.text[:0]
	if cap(text) > maxKeptText {
		text = nil
	}
	*e = entry{done: e.done, text: text}
	q.unused.Put(e)
}

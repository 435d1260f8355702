// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"sync"
	"time"
)

// buffer holds the buffered lines and the timer that bounds their time. The file's lock guards it.
type buffer struct {
	lines    []byte
	timer    *time.Timer // It runs from a line that waits until it fires. No timer runs while nothing is logged.
	armed    bool        // The timer runs, or has fired and waits for the lock.
	expiring sync.WaitGroup
}

// Flush writes the lines that wait in the buffer. Lines that cannot be written are lost,
// counted and reported as by Write, and the error says why. Without a buffer, and after
// Close, it does nothing.
func (f *File) Flush() error {
	f.mu.Lock()
	defer f.unlock()
	return f.flush()
}

func (f *File) flush() error {
	lines := f.waiting.lines
	if len(lines) == 0 {
		return nil
	}
	n, err := f.write(lines)
	f.late.Add(f.recordResult(lines, n, err))
	f.waiting.lines = lines[:0]
	return err
}

// appendToBuffer puts a line into the buffer, and writes the buffer before if the line does not fit. It returns
// false for a line that is longer than the buffer, which the caller must write.
//
// The buffered lines always fit into the file, or begin the next one, so files are rotated
// at the same sizes as without a buffer. Changes of the file by other programs are detected
// when the lines are written: a check here would cost more than all other work.
func (f *File) appendToBuffer(line []byte) bool {
	if f.waiting.lines == nil {
		f.waiting.lines = make([]byte, 0, f.opts.Buffer)
	}
	need := len(line)
	ended := line[need-1] == '\n'
	if !ended {
		need++ // Only whole lines are written.
	}
	waiting := len(f.waiting.lines)
	if waiting+need > f.opts.Buffer || f.full(int64(waiting), int64(need)) {
		_ = f.flush() // Counted and reported; this line is not among them.
		if need > f.opts.Buffer {
			return false
		}
	}
	f.waiting.lines = append(f.waiting.lines, line...)
	if !ended {
		f.waiting.lines = append(f.waiting.lines, '\n')
	}
	f.arm()
	return true
}

// arm makes sure that the timer runs. The timer keeps running when the buffer is written
// for another reason: stopping it costs time at each write, and an early flush only once an
// interval.
func (f *File) arm() {
	b := &f.waiting
	if b.armed {
		return
	}
	b.armed = true
	b.expiring.Add(1)
	if b.timer == nil {
		b.timer = time.AfterFunc(f.opts.FlushInterval, f.expire)
		return
	}
	b.timer.Reset(f.opts.FlushInterval)
}

// disarm stops the timer for good.
func (f *File) disarm() {
	if b := &f.waiting; b.armed && b.timer.Stop() {
		b.armed = false
		b.expiring.Done()
	}
}

// expire writes the buffered lines when the interval is over.
func (f *File) expire() {
	defer f.waiting.expiring.Done()
	f.mu.Lock()
	defer f.unlock()
	f.waiting.armed = false
	_ = f.flush() // Counted and reported: there is no caller to return it to.
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package output writes lines to a console, a file or any other writer that may block: a pipe that is not
// read, a paused terminal, a disk that hangs.
//
// As long as the writer does not block, [Writer.Write] returns when its line is written, so that a killed
// process loses no line. If a write does not return within a few milliseconds, the output is stalled. Lines
// then go into a queue and callers do not wait. When the write returns, the queue is written first, in
// order. A full queue drops the newest line and counts it.
//
// A write that hangs cannot be cancelled, so the caller must not run it. On Linux, pipes, sockets and some
// file systems support a write that fails instead of blocking (RWF_NOWAIT), which the caller runs itself.
// A goroutine runs all other writes, and exists only while there are lines to write. The hand-over takes
// 0.6 µs by itself, and about 2 µs for a line to a file.
package output

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Options are the options of a [Writer]. The zero value has the defaults.
type Options struct {
	// Name is the name of the output in messages, such as "console".
	Name string
	// MaxBytes bounds the queue; 0 means 8 MiB.
	MaxBytes int
	// Buffer is the size of the buffer. Lines are written when it is full or after Interval (0
	// means a second). With 0, lines are written at once.
	Buffer   int
	Interval time.Duration
	// Flush, if not nil, is called after buffered lines were written.
	Flush func() error
	// Report, if not nil, is called when the output has been stalled for a second, when it drops
	// lines, and when it accepts lines again. It runs on its own goroutine and may log to this
	// output.
	Report func(level slog.Level, message string, attrs ...slog.Attr)
	// Failed, if not nil, is called with the first error of a series of lines whose Write had
	// already returned. It runs on its own goroutine.
	Failed func(error)
}

const (
	defaultMaxBytes = 8 << 20
	defaultInterval = time.Second
	// tick is the interval between checks of a write in progress. A write that is seen twice stalls
	// the output, so a caller waits between one and two ticks.
	tick = 4 * time.Millisecond
)

// ErrFull is the error for a line that does not fit into the queue.
var ErrFull = errors.New("output: the queue is full")

// Writer writes lines. It is safe for concurrent use. It needs no Close, because its goroutine ends some
// milliseconds after the last line.
type Writer struct {
	opts   Options
	target target
	run    func()    // The method drain, as a func so that starting a goroutine does not allocate.
	wake   chan bool // Wakes the parked drain; false ends it.

	mu       sync.Mutex // Guards what follows.
	queue    queue
	draining bool   // The goroutine of drain writes or is about to write.
	parked   bool   // The goroutine of drain waits for wake.
	stalled  bool   // Callers do not wait.
	torn     bool   // The last byte written was not the end of a line.
	late     losses // Lines that were lost after their Write had returned.
	watch    watch
	buffered buffered
}

// target is the destination of a Writer.
type target struct {
	write func(line []byte) (int, error)
	// try writes without blocking. It is nil if the target does not support it.
	try func(line []byte) (n int, err error)
	// lingers makes the goroutine of drain wait for more lines for a while.
	lingers bool
	// repairs reports that the target starts a new line itself after half a line.
	repairs bool
}

// New returns a Writer for w. If w is a file that is a closed pipe, Write returns an error: the process
// gets no SIGPIPE, which would end it.
func New(w io.Writer, opts Options) *Writer {
	t := target{write: w.Write}
	if file, ok := w.(*os.File); ok {
		t = fileTarget(file)
	}
	return newWriter(t, opts)
}

// NewRepairing returns a Writer for a w that starts a new line itself after a write that left half a line,
// as logfile.File does.
func NewRepairing(w io.Writer, opts Options) *Writer {
	return newWriter(target{write: w.Write, lingers: true, repairs: true}, opts)
}

func newWriter(t target, opts Options) *Writer {
	if opts.MaxBytes <= 0 {
		opts.MaxBytes = defaultMaxBytes
	}
	if opts.Interval <= 0 {
		opts.Interval = defaultInterval
	}
	w := &Writer{opts: opts, target: t, wake: make(chan bool, 1)}
	w.run = w.drain
	return w
}

// Name returns the name of the output for errors.
func (w *Writer) Name() string { return "the output " + w.opts.Name }

// Write writes a line. If the output is stalled or buffered, it puts the line into the queue and returns
// nil. It returns within 10 ms on a machine that is not overloaded. The error is [ErrFull] if the queue is
// full, or that of the write.
func (w *Writer) Write(line []byte) (int, error) {
	if len(line) == 0 {
		return 0, nil
	}
	w.mu.Lock()
	rest := line
	if w.opts.Buffer == 0 && w.idle() && w.target.try != nil && !w.torn {
		n, err := w.target.try(line)
		switch {
		case n == len(line):
			w.mu.Unlock()
			return n, nil
		case errors.Is(err, errWouldBlock):
			rest = line[max(n, 0):]
		case errors.Is(err, errUnsupported):
			w.target.try = nil
		default:
			w.torn = n > 0
			w.mu.Unlock()
			return max(n, 0), fmt.Errorf("output: write: %w", err)
		}
	}
	if w.queue.bytes+len(rest) > w.opts.MaxBytes && !w.idle() {
		w.watch.dropped(w)
		w.mu.Unlock()
		return 0, ErrFull
	}
	e := w.enqueue(rest)
	if e == nil {
		w.mu.Unlock()
		return len(line), nil
	}
	if err := w.wait(e); err != nil { // It unlocks.
		return 0, err
	}
	return len(line), nil
}

// enqueue puts a line into the queue. It returns the entry that the caller must wait for, or nil.
func (w *Writer) enqueue(line []byte) *entry {
	if w.opts.Buffer > 0 && w.buffer(line) {
		return nil
	}
	e := w.queue.push(line)
	w.startDrain()
	if w.stalled {
		return nil
	}
	return e
}

// idle reports whether the queue is empty and no line is being written.
func (w *Writer) idle() bool { return !w.draining && w.queue.first == nil }

// wait waits until the entry is written or the output stalls. It is called with the lock held, and
// unlocks.
func (w *Writer) wait(e *entry) error {
	e.waited = true
	done := e.done
	w.mu.Unlock()
	if written := <-done; !written { // The goroutine of drain has the entry.
		return nil
	}
	err := e.err
	w.queue.free(e)
	return err
}

// Sync waits until all earlier lines are written or the output stalls. It is for a line that must not stay
// in the buffer.
func (w *Writer) Sync() {
	w.mu.Lock()
	if w.idle() || w.stalled {
		w.mu.Unlock()
		return
	}
	e := w.queue.push(nil)
	w.startDrain()
	_ = w.wait(e) // The target counts the lines that it loses.
}

// ForceFlush waits until all earlier lines are written or the context is done. It returns the error of
// Options.Flush, if there is one.
func (w *Writer) ForceFlush(ctx context.Context) error {
	w.mu.Lock()
	if w.idle() {
		w.mu.Unlock()
		return nil
	}
	flush := w.queue.marker(w.draining)
	w.startDrain()
	w.mu.Unlock()
	select {
	case <-flush.done:
		return flush.err
	case <-ctx.Done():
		w.mu.Lock()
		lines := w.queue.lines
		w.mu.Unlock()
		return fmt.Errorf("output: %s: %d lines still queued: %w", w.opts.Name, lines, context.Cause(ctx))
	}
}

// Shutdown does the same as ForceFlush. If the context is done first, it drops and counts the queued lines.
// Lines may be written after Shutdown.
func (w *Writer) Shutdown(ctx context.Context) error {
	err := w.ForceFlush(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dismiss()
	if err == nil || ctx.Err() == nil {
		return err
	}
	// Lines that are being written count as lost until their write returns.
	lost := w.queue.discard(w.draining)
	w.late.lost += uint64(lost)
	if lost == 0 {
		return nil
	}
	return fmt.Errorf("output: %s: %d lines were not written: %w", w.opts.Name, lost, context.Cause(ctx))
}

// LostLate returns the number of lines that were lost after their Write had returned nil.
func (w *Writer) LostLate() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.late.lost
}

// Waiting returns the number of queued lines.
func (w *Writer) Waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.queue.lines
}

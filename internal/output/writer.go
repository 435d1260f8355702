// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package output writes lines to a console, a file or any other writer that may stop
// taking them: a pipe that is not read, a terminal that is held, a disk that hangs.
//
// While the writer takes lines, [Writer.Write] returns when its line is written, so a
// process that is killed loses no line. A write that does not return within a few
// milliseconds stalls the writer. Lines then wait in a queue and callers do not. When the
// writer takes lines again, the queue is written first, in order. A queue that is full
// drops the newest line and counts it.
//
// A write that hangs cannot be cancelled, so it must not be the caller that makes it. On
// Linux, pipes, sockets and some file systems accept a write that fails instead of
// blocking (RWF_NOWAIT); the caller makes that one itself. Any other write is made by a
// goroutine that runs only while there are lines to write. The hand-over costs 0.6 µs by
// itself, and about 2 µs in a line to a file.
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

// Options are the options of a [Writer]. The zero value is the default.
type Options struct {
	// Name names the output in messages: "console".
	Name string
	// MaxBytes bounds the lines that wait; 0 is 8 MiB.
	MaxBytes int
	// Buffer makes lines wait until there are this many bytes of them, or the first has
	// waited for Interval (0 is a second). With 0 lines are written at once.
	Buffer   int
	Interval time.Duration
	// Flush is called after lines were written that Buffer made wait. Nil does nothing.
	Flush func() error
	// Tell is called when the output has been stalled for a second, when it drops lines,
	// and when it takes lines again. It is called on a goroutine of its own and may log
	// to this output. Nil tells nothing.
	Tell func(level slog.Level, message string, attrs ...slog.Attr)
	// Failed is called with the first error of a row of lines whose Write had already
	// returned. It is called on a goroutine of its own. Nil tells nothing.
	Failed func(error)
}

const (
	defaultMaxBytes = 8 << 20
	defaultInterval = time.Second
	// tick is how often a write in progress is looked at. A write that is seen twice has
	// stalled, so a caller waits between one and two ticks.
	tick = 4 * time.Millisecond
)

// ErrFull is the error of a line for which the queue has no room.
var ErrFull = errors.New("output: the queue is full")

// Writer writes lines. It is safe for concurrent use. It needs no Close: its goroutine
// ends some milliseconds after the last line.
type Writer struct {
	opts   Options
	target target
	run    func()    // drain; a goroutine that is started by it allocates nothing.
	wake   chan bool // False ends the goroutine of drain.

	mu       sync.Mutex // Guards what follows.
	queue    queue
	draining bool // The goroutine of drain writes, or is about to.
	parked   bool // It waits for wake.
	stalled  bool // Callers do not wait.
	torn     bool // The last byte written was not the end of a line.
	late     row  // Lines that were lost after their Write had returned.
	watch    watch
	buffered buffered
}

// target is what a Writer writes to.
type target struct {
	write func(line []byte) (int, error)
	// try writes without blocking. Nil if the target cannot.
	try func(line []byte) (n int, err error)
	// lingers reports that lines come often enough for the goroutine of drain to stay.
	lingers bool
	// repairs reports that the target begins a new line after half a line by itself.
	repairs bool
}

// New returns a Writer for w. A file is written to without the signal that ends a process
// which writes to a closed pipe on its standard output or error (SIGPIPE): the error is
// returned instead.
func New(w io.Writer, opts Options) *Writer {
	t := target{write: w.Write}
	if file, ok := w.(*os.File); ok {
		t = fileTarget(file)
	}
	return newWriter(t, opts)
}

// NewRepairing returns a Writer for a w that begins a new line by itself after a write
// that left half a line, as logfile.File does.
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

// Name returns the name that errors have.
func (w *Writer) Name() string { return "the output " + w.opts.Name }

// Write writes a line, or puts it into the queue when the output has stalled or is
// buffered; the error is nil then. It returns within 10 ms on a machine that is not
// overloaded. The error is [ErrFull] when the queue has no room, or that of the write.
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

// enqueue puts a line into the queue. It returns the entry that the caller has to wait
// for, if any.
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

// idle reports that nothing waits and nothing is being written.
func (w *Writer) idle() bool { return !w.draining && w.queue.first == nil }

// wait waits until the entry is written or the output stalls. It is called with the lock
// held and returns without it.
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

// Sync waits until all lines that were written before are out, or the output stalls. It
// is for a line that must not wait in the buffer.
func (w *Writer) Sync() {
	w.mu.Lock()
	if w.idle() || w.stalled {
		w.mu.Unlock()
		return
	}
	e := w.queue.push(nil)
	w.startDrain()
	_ = w.wait(e) // The target counts what it loses.
}

// ForceFlush waits until all lines that were written before are out, or the context ends.
// The error is that of Flush, if there is one.
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
		return fmt.Errorf("output: %s: %d lines wait to be written: %w", w.opts.Name, lines, context.Cause(ctx))
	}
}

// Shutdown does what ForceFlush does. When the context ends first, the lines that wait
// are dropped and counted. Lines may be written after Shutdown.
func (w *Writer) Shutdown(ctx context.Context) error {
	err := w.ForceFlush(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dismiss()
	if err == nil || ctx.Err() == nil {
		return err
	}
	// One line may be being written.
	lost := w.queue.discard(w.draining)
	w.late.lost += uint64(lost)
	if lost == 0 {
		return nil
	}
	return fmt.Errorf("output: %s: %d lines were not written: %w", w.opts.Name, lost, context.Cause(ctx))
}

// LostLate returns how many lines were lost after their Write had returned nil.
func (w *Writer) LostLate() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.late.lost
}

// Waiting returns how many lines wait.
func (w *Writer) Waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.queue.lines
}

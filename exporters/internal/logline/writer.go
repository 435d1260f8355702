// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logline

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/internal/output"
)

// Writer writes lines to an [io.Writer], one at a time. It is safe for concurrent use.
type Writer struct {
	// Name is the package of the encoder, for errors.
	name      string
	processID int
	onError   func(error)
	dropped   atomic.Uint64
	failing   atomic.Bool    // The last write failed.
	queued    *output.Writer // The writer, if it is one that orders and repairs lines itself; else nil.
	records   RecordWriter   // The writer, if it is one; else nil.

	mu   sync.Mutex // Guards the fields below.
	w    io.Writer
	torn bool // The last byte that w took was not a line end.
}

// NewWriter returns a Writer to w. Each line is one call of w.Write. OnError is called with the first
// error of a series; it may be nil. The name is that of the encoder's package.
func NewWriter(name string, w io.Writer, processID int, onError func(error)) *Writer {
	out := &Writer{name: name, w: w, processID: processID, onError: onError}
	out.queued, _ = w.(*output.Writer)
	out.records, _ = w.(RecordWriter)
	return out
}

// Dropped returns the number of lines that could not be written.
func (w *Writer) Dropped() uint64 { return w.dropped.Load() }

// Write writes a line of a record. The line begins and ends with a line end; the first is for the
// repair of a torn line.
func (w *Writer) Write(line []byte, r *logrecord.Record, module string) {
	var err error
	switch {
	case w.queued != nil:
		_, err = w.queued.Write(line[1:])
	case w.records != nil:
		err = w.call(line[1:], func(line []byte) (int, error) {
			return w.records.WriteLine(line, InRange(Time(r)), Level(r), headerFields(r, module, w.processID))
		})
	default:
		err = w.attempt(line)
	}
	switch {
	case err != nil:
		w.drop(!w.failing.Swap(true), err)
	case w.failing.Load():
		w.failing.Store(false)
	}
}

// attempt writes a line while no other is written. A write that failed may have left half a line
// behind. The next line then starts with a line end, so that only the torn line is lost.
func (w *Writer) attempt(line []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.torn {
		line = line[1:]
	}
	return w.call(line, func(line []byte) (int, error) {
		n, err := w.w.Write(line)
		if 0 < n && n <= len(line) {
			w.torn = line[n-1] != '\n'
		}
		return n, err
	})
}

// call calls a method of the user's writer, which may panic or return a wrong count.
func (w *Writer) call(line []byte, write func([]byte) (int, error)) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: write: panic: %v", w.name, r)
		}
	}()
	n, err := write(line)
	if err == nil && n < len(line) {
		err = io.ErrShortWrite
	}
	if err != nil {
		err = fmt.Errorf("%s: write: %w", w.name, err)
	}
	return err
}

// Recover counts a line that was lost to a panic of the encoder. It must be deferred.
func (w *Writer) Recover() {
	if r := recover(); r != nil {
		w.drop(true, fmt.Errorf("%s: encode: panic: %v", w.name, r))
	}
}

func (w *Writer) drop(report bool, err error) {
	w.dropped.Add(1)
	if !report || w.onError == nil {
		return
	}
	defer func() { _ = recover() }() // A panic of onError must not reach the caller.
	w.onError(err)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package textlog shows JSON log lines as text for people: one line each, aligned,
// in colours on a terminal.
//
//	logger := jsonlog.New(textlog.NewWriter(os.Stdout, nil), nil)
//
// writes
//
//	12:00:00.000 INFO  voice.stt        STT processing completed  stage=stt duration_ms=150 confidence=0.95  correlation_id=550e8400-e29b-41d4-a716-446655440000 session_id=sess_f5e6d7c8b9a0 at=whisper.go:145
//
// It works on lines that package jsonlog has written, so that text and JSON can't
// tell two stories, and files of them can be read in the same way. That costs a few
// microseconds a line: people read no faster.
//
// Whatever the values hold, the text is one line without control characters, line
// separators or controls of bidirectional text: ids and texts of callers can neither forge
// a line nor act on a terminal. Such characters are shown as Go escapes, such as \x1b.
package textlog

import (
	"io"
	"os"
	"sync"
	"time"
)

// Options are the options of a [Writer]. The zero value is the default.
type Options struct {
	// Colors colours the text for a terminal; see [ColorsFor].
	Colors bool
	// Location is the time zone of the times; nil is the local one.
	Location *time.Location
}

// Writer writes text for the JSON lines that are written to it. It is safe for
// concurrent use.
type Writer struct {
	opts Options

	mu   sync.Mutex // Guards what follows.
	w    io.Writer
	buf  []byte
	torn bool // The last byte that w took was not a line end.
}

// NewWriter returns a writer of text to w. Nil options are the defaults.
func NewWriter(w io.Writer, opts *Options) *Writer {
	if opts == nil {
		opts = &Options{}
	}
	return &Writer{w: w, opts: *opts}
}

// Write writes one JSON line, with its line end, as one line of text. What is no
// JSON object is written as it is, without control characters. It returns
// len(line) if all of the text was written.
func (t *Writer) Write(line []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = t.buf[:0]
	if t.torn {
		t.buf = append(t.buf, '\n') // Half a line stays alone.
	}
	t.buf = Append(t.buf, line, t.opts)
	n, err := t.w.Write(t.buf)
	if 0 < n && n <= len(t.buf) {
		t.torn = t.buf[n-1] != '\n'
	}
	if err == nil && n < len(t.buf) {
		err = io.ErrShortWrite
	}
	if cap(t.buf) > maxKept {
		t.buf = nil
	}
	if err != nil {
		// How much of the JSON line that was, nobody can say.
		return 0, err
	}
	return len(line), nil
}

// maxKept bounds the buffer that is kept for the next line.
const maxKept = 64 << 10

// ColorsFor reports whether text on w should have colours when nobody says: on a
// terminal that knows them, unless the variable NO_COLOR is set to anything (see
// https://no-color.org).
func ColorsFor(w io.Writer, lookup func(string) (string, bool)) bool {
	if value, _ := lookup("NO_COLOR"); value != "" {
		return false
	}
	if term, _ := lookup("TERM"); term == "dumb" {
		return false
	}
	return isTerminal(w)
}

// isTerminal reports whether w is a device that takes characters, which but for
// /dev/null is a terminal.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

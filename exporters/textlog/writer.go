// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package textlog shows JSON log lines as text for people: one line each, aligned,
// in colours on a terminal.
//
//	logger := jsonlog.New(textlog.NewWriter(os.Stdout, nil), nil)
//
// writes
//
//	12:00:01.050 INFO  nova-3         stt completed  1.05 s, final 0.25 s  3bf8b157 …c3d4
//	12:00:02.595 WARN  turn           turn completed  waited 5.20 s: generation 4.55, …  3bf8b157 …c3d4
//	12:00:02.600 ERROR sonic-3        tts failed  41 ms  503: synthesize: answered 503  3bf8b157 …c3d4
//	12:00:02.700 INFO  greeter        greeting  name=Ada  order-42 call-1
//
// Time, level, component and message come first, then the number that matters: what the user
// waited in a turn, with the longest parts of it; how long a stage took, with the time to
// the final transcript, the first token or byte; status and time of a request; the class and
// the message of an error. The fields that the program set follow, and last the first digits of the
// correlation ID and the end of the session's id. With [Options].Details there is all
// else that the JSON line has, and whole ids.
//
// It works on lines that package jsonlog has written, so that text and JSON can't
// tell two stories, and files of them can be read in the same way. That costs some 50
// microseconds for the end line of a turn: people read no faster.
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
	// Details shows all fields of a line, with whole ids.
	Details bool
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

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Lost returns how many lines could not be written so far.
func (f *File) Lost() uint64 { return f.lost.Load() }

// LostLate returns how many of these were lost after Write had returned without an
// error: they had waited in the buffer, or were in a file that was deleted and could not
// be copied.
func (f *File) LostLate() uint64 { return f.late.Load() }

// answer records the result of a write of some lines, of which n bytes were written,
// and returns how many lines are lost.
func (f *File) answer(lines []byte, n int, err error) (lost uint64) {
	first := err != nil && !f.failing
	f.failing = err != nil
	if err == nil {
		return 0
	}
	rest := lines[bytes.LastIndexByte(lines[:n], '\n')+1:]
	lost = uint64(bytes.Count(rest, []byte{'\n'}))
	if !bytes.HasSuffix(rest, []byte{'\n'}) {
		lost++
	}
	f.lost.Add(lost)
	if first {
		line, _, _ := bytes.Cut(rest, []byte{'\n'})
		f.tell("%v; this line and those after it are lost and counted until it can be written again: %s", err, line)
	}
	return lost
}

// tell adds one line to what the fallback gets when the lock is free.
func (f *File) tell(format string, args ...any) {
	f.untold += strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "; ") + "\n" // errors.Join separates by line ends.
}

// unlock releases the lock, and then writes the reports to the fallback, which may be
// slow.
func (f *File) unlock() {
	untold := f.untold
	f.untold = ""
	f.mu.Unlock()
	if untold != "" {
		_, _ = io.WriteString(f.opts.Fallback, untold)
	}
}

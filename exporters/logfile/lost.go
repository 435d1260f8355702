// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Lost returns the number of lines that could not be written.
func (f *File) Lost() uint64 { return f.lost.Load() }

// LostLate returns the number of these that were lost after Write had returned nil. They were in the
// buffer, or in a deleted file from which they could not be copied.
func (f *File) LostLate() uint64 { return f.late.Load() }

// recordResult records the result of a write of some lines, of which n bytes were written,
// and returns the number of lost lines.
func (f *File) recordResult(lines []byte, n int, err error) (lost uint64) {
	first := err != nil && !f.failing
	if err == nil && f.failing {
		f.report("logfile: %s is written again; %d lines were lost", f.path, f.lost.Load()-f.lostBefore)
	}
	f.failing = err != nil
	if err == nil {
		return 0
	}
	if first {
		f.lostBefore = f.lost.Load()
	}
	rest := lines[bytes.LastIndexByte(lines[:n], '\n')+1:]
	lost = uint64(bytes.Count(rest, []byte{'\n'}))
	if !bytes.HasSuffix(rest, []byte{'\n'}) {
		lost++
	}
	f.lost.Add(lost)
	if first {
		line, _, _ := bytes.Cut(rest, []byte{'\n'})
		f.report("%v; this line and those after it are lost and counted until it can be written again: %s", err, line)
	}
	return lost
}

// report adds one line for the fallback, which unlock writes.
func (f *File) report(format string, args ...any) {
	f.reports += strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "; ") + "\n" // errors.Join puts line ends between errors.
}

// unlock releases the lock, and then writes the reports to the fallback, which may be
// slow.
func (f *File) unlock() {
	reports := f.reports
	f.reports = ""
	f.mu.Unlock()
	if reports != "" {
		_, _ = io.WriteString(f.opts.Fallback, reports)
	}
}

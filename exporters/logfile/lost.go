// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"bytes"
	"fmt"
	"io"
)

// Lost returns how many lines could not be written so far.
func (f *File) Lost() uint64 { return f.lost.Load() }

// LostLate returns how many of these had waited in the buffer, so that no Write has
// told of them.
func (f *File) LostLate() uint64 { return f.late.Load() }

// answer takes note of how the write of some lines went, of which n bytes were
// written, and returns how many of them are lost.
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
		f.untold = fmt.Sprintf("%v; this line and those after it are lost and counted until it can be written again: %s\n", err, line)
	}
	return lost
}

// unlock gives the lock back, and tells the fallback what there is to tell: it may
// be slow.
func (f *File) unlock() {
	untold := f.untold
	f.untold = ""
	f.mu.Unlock()
	if untold != "" {
		// The log itself is the one place where nobody could read it.
		_, _ = io.WriteString(f.opts.Fallback, untold)
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"os"
	"time"
)

// endsLine reports whether the last byte of a file ends a line. A process that was killed during a write,
// or a full disk, may have left half a line.
func endsLine(file *os.File, size int64) bool {
	last := make([]byte, 1)
	_, err := file.ReadAt(last, size-1)
	return err != nil || last[0] == '\n'
}

// writeTime is the longest time that a write of another process is waited for. Its process may be preempted
// between two pages: on two busy cores, a few milliseconds were not enough.
const writeTime = 100 * time.Millisecond

// stillTorn reports whether the file still ends with half a line. When the file was measured, another
// process may have been writing. Such a write becomes visible page by page, so stillTorn waits once until the
// line ends. It does not wait if the last write began longer than writeTime ago, because its process was killed,
// nor after a write of its own that left half a line: on a full disk each write would wait.
func (f *File) stillTorn() bool {
	if !f.regular {
		return true
	}
	wait := f.foreign
	f.foreign = false
	for limit := time.Now().Add(writeTime); ; <-time.After(time.Millisecond) {
		info, err := f.file.Stat()
		if err != nil {
			return true
		}
		if size := info.Size(); size == 0 || endsLine(f.file, size) {
			return false
		}
		if now := time.Now(); !wait || now.After(limit) || now.Sub(info.ModTime()) > writeTime {
			return true
		}
	}
}

// takeBack removes the half line of n bytes with which a write of its own ended, such as on a full disk: programs
// that read the file would stop there. It stays if another process has written since.
func (f *File) takeBack(n int) {
	if info, err := f.file.Stat(); !f.regular || err != nil || info.Size() != f.size || f.size < int64(n) {
		return
	}
	if f.file.Truncate(f.size-int64(n)) == nil {
		f.size -= int64(n)
		f.torn = false
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import "os"

// endsLine reports whether the last byte of a file ends a line: a process that
// was killed while it wrote, or a disk that was full, may have left half a line.
func endsLine(file *os.File, size int64) bool {
	last := make([]byte, 1)
	_, err := file.ReadAt(last, size-1)
	return err != nil || last[0] == '\n'
}

// looks bounds the checks whether a file grows.
const looks = 100

// stillTorn reports whether the file ends with half a line now. When it was opened,
// another process may have been in the middle of a write, which shows page by page:
// then the file grows, and the line ends.
func (f *File) stillTorn() bool {
	if !f.regular {
		return true
	}
	before := int64(-1)
	for range looks {
		info, err := f.file.Stat()
		if err != nil {
			return true
		}
		size := info.Size()
		if size == 0 || endsLine(f.file, size) {
			return false
		}
		if size == before {
			return true
		}
		before = size
	}
	return true
}

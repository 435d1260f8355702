// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import "os"

// endsLine reports whether the last byte of a file ends a line. A process that was killed during a write,
// or a full disk, may have left half a line.
func endsLine(file *os.File, size int64) bool {
	last := make([]byte, 1)
	_, err := file.ReadAt(last, size-1)
	return err != nil || last[0] == '\n'
}

// maxSizeChecks bounds the checks whether a file grows.
const maxSizeChecks = 100

// stillTorn reports whether the file still ends with half a line. When the file was opened, another
// process may have been writing. Such a write becomes visible page by page, so the file grows until
// the line ends.
func (f *File) stillTorn() bool {
	if !f.regular {
		return true
	}
	before := int64(-1)
	for range maxSizeChecks {
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

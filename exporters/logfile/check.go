// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"time"
)

// check reads the file's real size and whether the path still names the file, because other programs may
// have changed it. If the path names another file or none, it stops using the file. It takes three system calls.
func (f *File) check() {
	f.checkedAt = time.Now()
	ours, err := f.file.Stat()
	if err != nil {
		f.release() // Opening it again has an error of its own.
		return
	}
	there, err := os.Stat(f.path)
	if err != nil || !os.SameFile(ours, there) {
		f.leave()
		return
	}
	f.measured(ours.Size())
}

// measured stores the file's real size and whether its last line is complete.
func (f *File) measured(size int64) {
	if !f.regular {
		return
	}
	f.torn = size > 0 && !endsLine(f.file, size)
	f.foreign = f.torn && size != f.size
	f.size, f.checked = size, size
}

// orphan holds the lines of a deleted file that no other file has.
type orphan struct {
	file     *os.File
	from, to int64
}

// leave ends the use of the file. If it was deleted, the lines since the last check
// become an orphan, which is copied when the path is open again.
func (f *File) leave() {
	if f.file == nil {
		return
	}
	info, err := f.file.Stat()
	if err != nil || !f.regular || !deleted(info) {
		f.release()
		return
	}
	from, to := f.checked, info.Size()
	if from > to { // It was truncated before.
		from = 0
	}
	if from == to {
		f.release()
		return
	}
	f.orphan = &orphan{file: f.file, from: from, to: to}
	f.file = nil
}

// adopt copies the orphan to the file, which has just been opened. Lines that cannot be
// copied are lost and counted.
func (f *File) adopt() {
	if f.orphan == nil {
		return
	}
	var err error
	if f.torn && f.stillTorn() {
		_, err = f.file.Write([]byte{'\n'})
	}
	if err == nil {
		var n int64
		n, err = io.Copy(f.file, io.NewSectionReader(f.orphan.file, f.orphan.from, f.orphan.to-f.orphan.from))
		f.orphan.from += n
	}
	if info, err := f.file.Stat(); err == nil {
		f.measured(info.Size())
	}
	if err != nil {
		f.report("logfile: lines of %s that were written to a deleted file are lost and counted: %v", f.path, err)
	}
	f.abandon()
}

// abandon closes the orphan, and counts the lines that were not copied as lost.
func (f *File) abandon() {
	if f.orphan == nil {
		return
	}
	lost, err := countLines(io.NewSectionReader(f.orphan.file, f.orphan.from, f.orphan.to-f.orphan.from))
	if err = errors.Join(err, f.orphan.file.Close()); err != nil {
		f.report("logfile: a deleted file behind %s cannot be read: %v", f.path, err)
	}
	f.orphan = nil
	f.lost.Add(lost)
	f.late.Add(lost)
}

// countLines counts lines, and an unfinished one at the end.
func countLines(r io.Reader) (n uint64, err error) {
	buf := make([]byte, 32<<10)
	ended := true
	for {
		read, err := r.Read(buf)
		if read > 0 {
			n += uint64(bytes.Count(buf[:read], []byte{'\n'}))
			ended = bytes.HasSuffix(buf[:read], []byte{'\n'})
		}
		switch {
		case err == nil:
			continue
		case !ended:
			n++
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return n, err
	}
}

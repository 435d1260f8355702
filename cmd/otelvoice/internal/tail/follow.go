// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package tail

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"time"
)

// maxPiece is the longest line that is held. A longer one is given in pieces.
const maxPiece = 16 << 20

// Lines calls a function with each line of a stream, without its end, until the stream ends. The last line need not
// have an end.
func Lines(ctx context.Context, in io.Reader, each func([]byte) error) error {
	lines := bufio.NewReaderSize(in, 64<<10)
	var f follower
	for ctx.Err() == nil {
		err := f.read(lines, each)
		if errors.Is(err, io.EOF) {
			return f.flush(each)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// follower holds the beginning of a line whose end has not come.
type follower struct{ part []byte }

// read reads one line, or the part of it that was written. It returns io.EOF at the end.
func (f *follower) read(lines *bufio.Reader, each func([]byte) error) error {
	piece, err := lines.ReadSlice('\n')
	f.part = append(f.part, piece...)
	if len(f.part) > maxPiece || err == nil {
		if err := f.flush(each); err != nil {
			return err
		}
	}
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil
	}
	return err
}

func (f *follower) flush(each func([]byte) error) error {
	if len(f.part) == 0 {
		return nil
	}
	line := bytes.TrimRight(f.part, "\r\n")
	f.part = f.part[:0]
	if cap(f.part) > 1<<20 {
		f.part = nil
	}
	return each(line)
}

// Follow calls a function with the last lines of a file and with each that is written to it, until the context is
// done. It looks for more at each tick. A file that was cut off is read from its beginning, and one that was
// replaced, as by a rotation, is read to its end before the new one.
func Follow(ctx context.Context, name string, last int, ticks <-chan time.Time, each func([]byte) error) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if err := seekLast(file, last); err != nil {
		return err
	}
	lines := bufio.NewReaderSize(file, 64<<10)
	var f follower
	for {
		err := f.read(lines, each)
		if err == nil {
			continue
		}
		if !errors.Is(err, io.EOF) {
			return err
		}
		select {
		case <-ctx.Done():
			return f.flush(each)
		case <-ticks:
		}
		next, restart, err := reopened(file, name)
		if err != nil {
			return err
		}
		if !restart {
			continue
		}
		// What was written to the old file before it was replaced.
		for next != file {
			if err := f.read(lines, each); err != nil {
				break
			}
		}
		if err := f.flush(each); err != nil {
			return err
		}
		if next != file {
			_ = file.Close()
			file = next
		}
		lines.Reset(file)
	}
}

// reopened returns the file that has the name now. Restart reports that it is another one, or that it was cut off
// and is read from its beginning.
func reopened(file *os.File, name string) (next *os.File, restart bool, err error) {
	info, err := file.Stat()
	if err != nil {
		return nil, false, err
	}
	at, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, false, err
	}
	if now, err := os.Stat(name); err == nil && !os.SameFile(info, now) {
		if next, err := os.Open(name); err == nil {
			return next, true, nil
		}
	}
	if info.Size() < at {
		_, err := file.Seek(0, io.SeekStart)
		return file, true, err
	}
	return file, false, nil
}

// seekLast goes to the beginning of the last lines.
func seekLast(file *os.File, last int) error {
	end, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil //nolint:nilerr // A pipe is read from where it is.
	}
	if last <= 0 {
		return nil
	}
	const step = 64 << 10
	block := make([]byte, step)
	seen := 0
	for at := end; at > 0; {
		n := min(step, at)
		at -= n
		if _, err := file.ReadAt(block[:n], at); err != nil {
			return err
		}
		for i := n - 1; i >= 0; i-- {
			if block[i] == '\n' && at+i+1 < end { // The end of the last line is not before a line.
				seen++
				if seen >= last {
					_, err := file.Seek(at+i+1, io.SeekStart)
					return err
				}
			}
		}
	}
	_, err = file.Seek(0, io.SeekStart)
	return err
}

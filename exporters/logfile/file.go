// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package logfile is a file that lines are appended to, rotated by its size.
//
//	f, err := logfile.Open("logs/app.log", &logfile.Options{MaxSize: 10 << 20, Backups: 5})
//	logger := jsonlog.New(f, nil)
//
// app.log is the newest file, app.log.1 the one before it, and so on. A line is
// one write to the kernel: what Write has returned for survives the end of the
// process, however sudden, though not that of the machine. A rotation loses no
// line and splits none, and one that is cut off in the middle leaves a gap in the
// numbers that the next one fills.
//
// Several processes may append to the same file if none of them rotates it.
//
// # With a buffer
//
// A write to the kernel costs more than encoding the line. With [Options.Buffer]
// lines wait in memory and are written together, whole lines in one write: when the
// next one has no room, when the first of them has waited for
// [Options.FlushInterval], before a rotation and a reopening, by [File.Flush] and by
// [File.Close]. The files hold the same lines in the same order, rotated at the same
// sizes. What else is promised above changes in this:
//
//   - The end of a process that does not come to Close costs what waits: never more
//     than the buffer's bytes, nor lines older than the interval. A kill in the
//     middle of a write may cut off the last line in the file; whoever opens it next
//     begins a new one.
//   - Write has returned by the time a failure shows. The lines are counted and told of
//     all the same, see [File.Lost] and [File.LostLate].
//   - A deleted file is noticed when something is written, which may be an interval
//     later.
//   - Lines of several processes alternate by buffers.
//
// Who writes a line that must not wait calls Flush after it.
package logfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

const (
	dirMode  = 0o750
	fileMode = 0o640
	// retryAfter is how long a file that could not be opened is left alone, so
	// that a missing disk costs a line a look at the clock and no system call.
	retryAfter = 100 * time.Millisecond
	// checkAfter is how often it is looked whether the path is still this file.
	checkAfter = time.Second
	// defaultInterval is how long a line waits in the buffer when nobody says.
	defaultInterval = time.Second
)

// Options are the options of a [File]. The zero value is the default.
type Options struct {
	// MaxSize is the size in bytes at which the file is rotated; 0 is never. A
	// longer line has a file to itself.
	MaxSize int64
	// Backups is how many rotated files are kept. With 0 the full file is
	// removed.
	Backups int
	// Compress compresses rotated files with gzip, in the background:
	// app.log.1.gz.
	Compress bool
	// Buffer is how many bytes of lines may wait in memory to be written together,
	// which the package's documentation tells more of; with 0 none waits. A longer
	// line does not wait.
	Buffer int
	// FlushInterval is how long a line waits at most; 0 is a second.
	FlushInterval time.Duration
	// Fallback gets the first line of a row that cannot be written, with the
	// reason. Nil is os.Stderr.
	Fallback io.Writer
}

// File is a log file. It is safe for concurrent use.
type File struct {
	path      string
	opts      Options
	lost      atomic.Uint64
	late      atomic.Uint64 // Those of them that had been in the buffer.
	archiver  archiver
	listening sync.WaitGroup // The goroutine of ReopenOnHangup.

	mu        sync.Mutex     // Guards what follows.
	signals   chan os.Signal // Nil unless ReopenOnHangup was called.
	file      *os.File       // Nil while it cannot be opened.
	size      int64
	regular   bool // It can be rotated: no device and no pipe.
	torn      bool // The last byte is not the end of a line.
	failing   bool // The last line was lost.
	closed    bool
	untold    string // What the fallback is to be told when the lock is free.
	waiting   buffer
	retryAt   time.Time
	checkedAt time.Time
	checked   int64 // The size when it was last known that the path is this file.
}

// Open opens the file for appending, and makes it and its directory if they are
// not there, for the owner and the group (0750 and 0640). The error says why that
// is not possible; later ones are those of Write. Nil options are the defaults.
func Open(path string, opts *Options) (*File, error) {
	if opts == nil {
		opts = &Options{}
	}
	f := &File{path: path, opts: *opts}
	if f.opts.Fallback == nil {
		f.opts.Fallback = os.Stderr
	}
	if path == "" {
		return nil, errors.New("logfile: open: the path is empty")
	}
	if f.opts.MaxSize < 0 || f.opts.Backups < 0 || f.opts.Buffer < 0 || f.opts.FlushInterval < 0 {
		return nil, fmt.Errorf("logfile: open %s: size %d, backups %d, buffer %d, interval %v: want no negative number",
			path, f.opts.MaxSize, f.opts.Backups, f.opts.Buffer, f.opts.FlushInterval)
	}
	if f.opts.FlushInterval == 0 {
		f.opts.FlushInterval = defaultInterval
	}
	if err := os.MkdirAll(filepath.Dir(path), dirMode); err != nil {
		return nil, fmt.Errorf("logfile: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.open(); err != nil {
		return nil, err
	}
	return f, nil
}

// open opens the path. It is called with the lock held, and so are all methods
// with small letters.
func (f *File) open() error {
	// It is read, too, if it was deleted meanwhile; a pipe must not be.
	mode := os.O_RDWR
	if info, err := os.Stat(f.path); err == nil && !info.Mode().IsRegular() {
		mode = os.O_WRONLY
	}
	file, err := os.OpenFile(f.path, mode|os.O_APPEND|os.O_CREATE, fileMode)
	if err != nil {
		return fmt.Errorf("logfile: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("logfile: %w", err), file.Close())
	}
	f.file, f.size, f.regular = file, info.Size(), info.Mode().IsRegular()
	f.torn = f.regular && f.size > 0 && !endsLine(file, f.size)
	f.checkedAt, f.checked = time.Now(), f.size
	return nil
}

// Write appends a line, or several, in one write. It rotates the file before, if
// it would become too large. A line that cannot be written is counted, and the
// error says why; the first of a row goes to the fallback with the reason.
// Writing goes on by itself when it is possible again. After Close the error is
// os.ErrClosed.
//
// With a buffer the line waits there. A call that finds it full writes what waits,
// which takes some 20 µs for 64 KiB; no call waits for anything but a write.
func (f *File) Write(line []byte) (int, error) {
	if len(line) == 0 {
		return 0, nil
	}
	f.mu.Lock()
	defer f.unlock()
	if f.opts.Buffer > 0 && !f.closed && f.wait(line) {
		return len(line), nil
	}
	n, err := f.write(line)
	f.answer(line, n, err)
	return n, err
}

func (f *File) write(line []byte) (int, error) {
	if f.closed {
		return 0, fmt.Errorf("logfile: write %s: %w", f.path, os.ErrClosed)
	}
	if err := f.ready(int64(len(line))); err != nil {
		return 0, err
	}
	out := line
	if f.torn && f.stillTorn() { // So that one line is lost to the reader and not two.
		out = append([]byte{'\n'}, line...)
	}
	n, err := f.file.Write(out)
	f.size += int64(n)
	if n > 0 {
		f.torn = out[n-1] != '\n'
	}
	written := max(0, n-(len(out)-len(line)))
	if err != nil {
		f.checkedAt = time.Time{} // Whatever it is, look again.
		return written, fmt.Errorf("logfile: %w", err)
	}
	return written, nil
}

// ready sees to it that the file is there and has room for n bytes.
func (f *File) ready(n int64) error {
	now := time.Now()
	if f.file != nil && now.Sub(f.checkedAt) >= checkAfter {
		if err := f.check(now); err != nil {
			return err
		}
	}
	if f.file == nil {
		if now.Before(f.retryAt) {
			return fmt.Errorf("logfile: %s cannot be opened", f.path)
		}
		f.retryAt = now.Add(retryAfter)
		if err := os.MkdirAll(filepath.Dir(f.path), dirMode); err != nil {
			return fmt.Errorf("logfile: %w", err)
		}
		if err := f.open(); err != nil {
			return err
		}
	}
	if f.full(0, n) {
		return f.rotate()
	}
	return nil
}

// full reports whether the file is to be rotated before n more bytes come to it and
// to those that wait. While an archiver works on a number that would change, the
// file grows: nobody waits for it.
func (f *File) full(waiting, n int64) bool {
	before := f.size + waiting
	return f.opts.MaxSize > 0 && f.file != nil && f.regular && before > 0 && before+n > f.opts.MaxSize && !f.archiver.busy.Load()
}

// check looks whether the path is another file by now, or none: somebody renamed
// or deleted it. The path is opened again then. What was written to a file that is
// deleted is nowhere else, so what came since the last look is copied.
func (f *File) check(now time.Time) error {
	f.checkedAt = now
	if !f.regular {
		return nil
	}
	ours, err := f.file.Stat()
	if err != nil {
		f.release()
		return nil // It is opened again, which has an error of its own.
	}
	there, err := os.Stat(f.path)
	if err == nil && os.SameFile(ours, there) {
		f.checked = f.size
		return nil
	}
	old, from, to := f.file, f.checked, f.size
	f.file = nil
	defer old.Close()
	if !deleted(ours) || from >= to {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(f.path), dirMode); err != nil {
		return fmt.Errorf("logfile: %w", err)
	}
	if err := f.open(); err != nil {
		return err
	}
	n, err := io.Copy(f.file, io.NewSectionReader(old, from, to-from))
	f.size += n
	if err != nil {
		return fmt.Errorf("logfile: %w", err)
	}
	return nil
}

// release closes the file without a word: it is not the one that is wanted, and
// every write to it has been answered.
func (f *File) release() {
	if f.file != nil {
		_ = f.file.Close()
		f.file = nil
	}
}

// Reopen closes the file and opens the path again, for when another program has
// renamed it. What waits is written before. If opening fails, the error is also that
// of the writes after it, until it succeeds.
func (f *File) Reopen() error {
	f.mu.Lock()
	defer f.unlock()
	if f.closed {
		return fmt.Errorf("logfile: reopen %s: %w", f.path, os.ErrClosed)
	}
	_ = f.flush() // Counted and told of.
	f.release()
	if err := os.MkdirAll(filepath.Dir(f.path), dirMode); err != nil {
		return fmt.Errorf("logfile: %w", err)
	}
	return f.open()
}

// Close writes what waits, closes the file and waits for backups that are being
// compressed. Only the first call does anything.
func (f *File) Close() error {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return nil
	}
	flushed := f.flush()
	f.closed = true
	file := f.file
	f.file = nil
	f.disarm()
	f.unlock()
	f.stopSignals()
	f.listening.Wait()
	f.waiting.expiring.Wait()
	f.archiver.wait()
	if file == nil {
		return flushed
	}
	if err := file.Close(); err != nil {
		return errors.Join(flushed, fmt.Errorf("logfile: %w", err))
	}
	return flushed
}

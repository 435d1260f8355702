// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"bytes"
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
	// retryAfter is the pause between attempts to open a file, so that writes fail
	// fast without a system call while the disk is missing.
	retryAfter = 100 * time.Millisecond
	// checkAfter is how often the file is compared with what the path names. It is also
	// the pause after a rotation that failed.
	checkAfter = time.Second
	// lockedAfter is the pause before another attempt to get the lock for a rotation, and
	// lockedLong is the time after which the rotation counts as failed.
	lockedAfter = 10 * time.Millisecond
	lockedLong  = 5 * time.Second
	// defaultInterval is how long a line waits in the buffer by default.
	defaultInterval = time.Second
)

// Options are the options of a [File]. The zero value is the default.
type Options struct {
	// MaxSize is the size in bytes at which the file is rotated; 0 is never. A
	// longer line has a file to itself.
	MaxSize int64
	// Backups is the number of rotated files that are kept. With 0 the full file is removed,
	// and so are the backups that an earlier run left. Without a MaxSize it has no
	// effect.
	Backups int
	// Compress compresses rotated files with gzip, in the background:
	// app.log.1.gz.
	Compress bool
	// Buffer is the size of the buffer in bytes, see the package documentation; 0 means none.
	// A longer line is not buffered.
	Buffer int
	// FlushInterval is the maximum time that a line stays in the buffer; 0 means a second.
	FlushInterval time.Duration
	// Fallback gets one line when lines cannot be written, with the reason and the
	// first of them, one when they can be written again, with their number, and one when a rotation or a compression fails, until it succeeds
	// again. It may be called from several goroutines. Nil is os.Stderr.
	Fallback io.Writer
}

// File is a log file. It is safe for concurrent use.
type File struct {
	path      string
	opts      Options
	disk      disk
	lost      atomic.Uint64
	late      atomic.Uint64 // The lost lines for which Write had returned.
	archiver  archiver
	listening sync.WaitGroup // The goroutine of ReopenOnHangup.

	mu         sync.Mutex     // Guards what follows.
	signals    chan os.Signal // Nil unless ReopenOnHangup was called.
	file       *os.File       // Nil while it cannot be opened.
	size       int64          // The size at the last check plus the bytes written since.
	checked    int64          // The size at the last check.
	checkedAt  time.Time
	regular    bool   // The file has a size and can be read: it is not a device or a pipe.
	movable    bool   // A rename of the file frees the path.
	torn       bool   // The last byte is not the end of a line.
	foreign    bool   // Another process may be writing that line.
	failing    bool   // The last line was lost.
	lostBefore uint64 // The lines that were lost before it began.
	stuck      bool   // The last rotation failed.
	unarchived bool   // The last compression failed.
	closed     bool
	orphan     *orphan // Nil unless lines in a deleted file are still to be copied.
	reports    string  // Reports for the fallback, written after the lock is released.
	waiting    buffer
	retryAt    time.Time // Do not open the path before.
	lockedAt   time.Time // When another process was first found to hold the directory lock; zero if none does.
	rotateAt   time.Time // Do not rotate the file before.
}

// Open opens the file for appending. It creates the file and its directory if they do
// not exist, for the owner and the group (0750 and 0640). If the file is rotated, Open
// also removes backups with numbers above [Options.Backups]. An error says why the file
// cannot be opened; later errors are those of Write. Nil options are the defaults.
func Open(path string, opts *Options) (*File, error) { return openOn(realDisk{}, path, opts) }

func openOn(disk disk, path string, opts *Options) (*File, error) {
	if opts == nil {
		opts = &Options{}
	}
	f := &File{path: path, opts: *opts, disk: disk}
	if f.opts.Fallback == nil {
		f.opts.Fallback = os.Stderr
	}
	if path == "" {
		return nil, errors.New("logfile: open: the path is empty")
	}
	if f.opts.MaxSize < 0 || f.opts.Backups < 0 || f.opts.Buffer < 0 || f.opts.FlushInterval < 0 {
		return nil, fmt.Errorf("logfile: open %s: size %d, backups %d, buffer %d, interval %v: must not be negative",
			path, f.opts.MaxSize, f.opts.Backups, f.opts.Buffer, f.opts.FlushInterval)
	}
	if f.opts.FlushInterval == 0 {
		f.opts.FlushInterval = defaultInterval
	}
	f.mu.Lock()
	defer f.unlock()
	if err := f.open(); err != nil {
		return nil, err
	}
	f.tidy()
	return f, nil
}

// open opens the path. Like all unexported methods, it is called with the lock held.
func (f *File) open() error {
	target, movable, err := resolve(f.path)
	if err != nil {
		return fmt.Errorf("logfile: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(target), dirMode); err != nil {
		return fmt.Errorf("logfile: %w", err)
	}
	// A deleted file is also read. A pipe must not be read.
	mode := os.O_RDWR
	pipe := false
	if info, err := os.Stat(f.path); err == nil && !info.Mode().IsRegular() {
		mode = os.O_WRONLY
		if pipe = info.Mode()&os.ModeNamedPipe != 0; pipe {
			mode |= nonblock
		}
	}
	// Open the path instead of the target, so that the kernel's rules for links apply.
	file, err := f.disk.open(f.path, mode|os.O_APPEND|os.O_CREATE, fileMode)
	if err != nil {
		if pipe {
			return fmt.Errorf("logfile: %w (a pipe can be opened while a process reads it)", err)
		}
		return fmt.Errorf("logfile: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("logfile: %w", err), file.Close())
	}
	f.file, f.regular = file, info.Mode().IsRegular()
	f.movable = f.regular && movable
	f.measured(info.Size())
	f.checkedAt = time.Now()
	f.adopt()
	return nil
}

// Write appends a line, or several, in one write. It rotates the file before, if
// it would become too large. If a line cannot be written, Write counts it and returns the reason.
// The first of consecutive lost lines goes to the fallback with the reason. Later writes succeed as
// soon as the file is writable again. After Close the error is os.ErrClosed.
//
// With a buffer, the line is buffered. A call that finds the buffer full writes it, which takes about
// 20 µs for 64 KiB. Calls wait only for writes.
func (f *File) Write(line []byte) (int, error) {
	if len(line) == 0 {
		return 0, nil
	}
	f.mu.Lock()
	defer f.unlock()
	if f.opts.Buffer > 0 && !f.closed && f.appendToBuffer(line) {
		return len(line), nil
	}
	n, err := f.write(line)
	f.recordResult(line, n, err)
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
	if f.torn && f.stillTorn() { // Keep this line apart from the torn one.
		out = append([]byte{'\n'}, line...)
	}
	n, err := f.file.Write(out)
	f.size += int64(n)
	if n > 0 {
		f.torn, f.foreign = out[n-1] != '\n', false
	}
	written := max(0, n-(len(out)-len(line)))
	if err != nil {
		f.checkedAt = time.Time{} // Check the file before the next write.
		if n > 0 && f.torn {
			f.takeBack(len(out[:n]) - 1 - bytes.LastIndexByte(out[:n], '\n'))
		}
		return written, fmt.Errorf("logfile: %w", err)
	}
	return written, nil
}

// ready makes sure that the file is open and has room for n bytes.
func (f *File) ready(n int64) error {
	now := time.Now()
	if f.file != nil && now.Sub(f.checkedAt) >= checkAfter {
		f.check()
	}
	if f.file == nil {
		if now.Before(f.retryAt) {
			return fmt.Errorf("logfile: %s cannot be opened", f.path)
		}
		f.retryAt = now.Add(retryAfter)
		if err := f.open(); err != nil {
			return err
		}
	}
	if f.full(0, n) {
		return f.rotate(n)
	}
	return nil
}

// release closes the file. Every write to it has returned, so an error changes nothing.
func (f *File) release() {
	if f.file != nil {
		_ = f.file.Close()
		f.file = nil
	}
}

// Reopen closes the file and opens the path again, after another program has renamed
// the file. It writes buffered lines first. If opening fails, later writes return the
// same error until opening succeeds.
func (f *File) Reopen() error {
	f.mu.Lock()
	defer f.unlock()
	if f.closed {
		return fmt.Errorf("logfile: reopen %s: %w", f.path, os.ErrClosed)
	}
	_ = f.flush() // Counted and reported.
	f.leave()
	return f.open()
}

// Close writes the buffered lines, closes the file and waits for backups that are
// being compressed. Only the first call does anything.
func (f *File) Close() error {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return nil
	}
	err := f.flush()
	if f.file != nil {
		f.check()
	}
	if f.orphan != nil {
		err = errors.Join(err, f.open())
		f.abandon()
	}
	f.closed = true
	file := f.file
	f.file = nil
	f.disarm()
	f.unlock()
	f.stopSignals()
	f.listening.Wait()
	f.waiting.expiring.Wait()
	f.archiver.wait()
	if file != nil {
		if closing := file.Close(); closing != nil {
			err = errors.Join(err, fmt.Errorf("logfile: %w", closing))
		}
	}
	return err
}

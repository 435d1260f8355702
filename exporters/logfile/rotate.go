// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
)

const (
	gzipSuffix = ".gz"
	partSuffix = ".part" // Of what is still being compressed.
)

// rotate moves app.log to app.log.1, and what is there to the next number, up to
// the first number that is free: a gap that a crash left behind is filled, and no
// file is overwritten but the last. If the file cannot be moved, it grows on:
// too large is better than lost.
func (f *File) rotate() error {
	if err := f.shift(); err != nil {
		return nil //nolint:nilerr // The line goes into the file as it is; the next one tries again.
	}
	f.release()
	if err := f.open(); err != nil {
		return err
	}
	if f.opts.Compress && f.opts.Backups > 0 {
		f.archiver.start(backup(f.path, 1))
	}
	return nil
}

// shift frees the path. Every step is one rename, from the oldest to the newest:
// wherever it is cut off, each file is still there under one name.
func (f *File) shift() error {
	if f.opts.Backups == 0 {
		return os.Remove(f.path)
	}
	free := 1
	for free < f.opts.Backups && exists(f.path, free) {
		free++
	}
	// Nothing is free but the last: what is there is the oldest.
	if exists(f.path, free) {
		if err := removeBackup(f.path, free); err != nil {
			return err
		}
	}
	for n := free - 1; n >= 1; n-- {
		if err := renameBackup(f.path, n, n+1); err != nil {
			return err
		}
	}
	return os.Rename(f.path, backup(f.path, 1))
}

// backup returns the name of a rotated file.
func backup(path string, n int) string { return path + "." + strconv.Itoa(n) }

// exists reports whether there is a backup with a number, compressed or not.
func exists(path string, n int) bool {
	for _, suffix := range [...]string{"", gzipSuffix} {
		if _, err := os.Lstat(backup(path, n) + suffix); err == nil {
			return true
		}
	}
	return false
}

func removeBackup(path string, n int) error {
	for _, suffix := range [...]string{"", gzipSuffix} {
		if err := os.Remove(backup(path, n) + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func renameBackup(path string, from, to int) error {
	for _, suffix := range [...]string{"", gzipSuffix} {
		if err := os.Rename(backup(path, from)+suffix, backup(path, to)+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// archiver compresses one backup at a time, beside those who write.
type archiver struct {
	working sync.WaitGroup
	busy    atomic.Bool
}

func (a *archiver) wait() { a.working.Wait() }

// start compresses a backup. What goes wrong leaves it as it was: nobody waits
// for it, and nothing is lost.
func (a *archiver) start(path string) {
	a.busy.Store(true)
	a.working.Go(func() {
		defer a.busy.Store(false)
		_ = compress(path)
	})
}

// compress writes path.gz beside path and then removes path. A crash in between
// leaves both, and the next rotation takes both along.
func compress(path string) (err error) {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	part := path + gzipSuffix + partSuffix
	out, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	zip := gzip.NewWriter(out)
	_, err = io.Copy(zip, in)
	if err = errors.Join(err, zip.Close(), out.Close()); err != nil {
		return errors.Join(fmt.Errorf("compress %s: %w", path, err), os.Remove(part))
	}
	if err := os.Rename(part, path+gzipSuffix); err != nil {
		return err
	}
	return os.Remove(path)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// full reports whether the file must be rotated before n bytes are added to it and to the buffer. It
// returns false while a backup whose number would change is being compressed, and for a while after a
// failed rotation: the file then grows, so that no line waits.
func (f *File) full(waiting, n int64) bool {
	before := f.size + waiting
	return f.opts.MaxSize > 0 && f.file != nil && f.movable && before > 0 && before+n > f.opts.MaxSize &&
		!f.archiver.busy.Load() && !time.Now().Before(f.rotateAt)
}

// rotate rotates the file, if n more bytes make it too large. If that fails, the file
// continues to grow and the next attempt comes later, so that no line is lost. The error is that of
// opening the path again.
func (f *File) rotate(n int64) error {
	target, _, err := resolve(f.path)
	if err != nil {
		f.rotated(err)
		return nil
	}
	unlock, locked := lockDir(filepath.Dir(target))
	if !locked {
		f.locked()
		return nil
	}
	defer unlock()
	f.lockedAt = time.Time{}
	// The size is up to a second old, and others may have changed the file since.
	f.check()
	if err := f.present(); err != nil || !f.full(0, n) {
		return err
	}
	backup, err := f.shift(target)
	f.rotated(err)
	if err := f.present(); err != nil {
		return err
	}
	if backup != "" && f.opts.Compress {
		f.archive(backup)
	}
	return nil
}

// present opens the path if no file is open.
func (f *File) present() error {
	if f.file != nil {
		return nil
	}
	return f.open()
}

// locked postpones a rotation because another process or File has the lock.
func (f *File) locked() {
	now := time.Now()
	if f.lockedAt.IsZero() {
		f.lockedAt = now
	}
	if now.Sub(f.lockedAt) >= lockedLong {
		f.rotated(errors.New("another process has a lock on the directory"))
		return
	}
	f.rotateAt = now.Add(lockedAfter)
}

// rotated records the result of a rotation, and reports the first of a series of failures.
func (f *File) rotated(err error) {
	failed := err != nil
	if failed {
		f.rotateAt = time.Now().Add(checkAfter)
		if !f.stuck {
			f.report("logfile: rotation of %s failed, the file grows past %d bytes until a rotation succeeds: %v", f.path, f.opts.MaxSize, err)
		}
	}
	f.stuck = failed
}

// shift frees the path and returns the path of the new backup, if there is one. Each step is one rename,
// so every file has exactly one name after a crash at any point. The file is closed first, because
// Windows does not rename an open file.
func (f *File) shift(target string) (backup string, err error) {
	ours, err := f.file.Stat()
	if err != nil {
		return "", err
	}
	there, err := os.Lstat(target)
	if err != nil {
		return "", err
	}
	if !os.SameFile(ours, there) {
		return "", fmt.Errorf("%s was replaced", target)
	}
	b := f.backups(target)
	if b.keep == 0 {
		f.release()
		return "", f.disk.remove(target)
	}
	if _, err := b.settle(); err != nil { // An earlier rotation was not completed.
		return "", err
	}
	if err := b.vacate(); err != nil {
		return "", err
	}
	f.release()
	if err := f.disk.rename(target, b.name(0)); err != nil {
		return "", err
	}
	// If no number is free, the file stays at 0 until the next rotation.
	number, err := b.settle()
	if err != nil || number == 0 {
		return "", nil //nolint:nilerr // See above.
	}
	return b.name(number), nil
}

func (f *File) backups(target string) backups {
	return backups{disk: f.disk, target: target, keep: f.opts.Backups}
}

// tidy completes a rotation that a crash interrupted, and removes excess backups.
func (f *File) tidy() {
	if f.opts.MaxSize == 0 || !f.movable {
		return // The file is not rotated, so the files beside it are not backups.
	}
	target, _, err := resolve(f.path)
	if err != nil {
		return // Opening has just succeeded; the next rotation reports the error.
	}
	unlock, locked := lockDir(filepath.Dir(target))
	if !locked {
		return // Another process is tidying up or rotating.
	}
	defer unlock()
	b := f.backups(target)
	var settled error
	if b.keep > 0 {
		_, settled = b.settle()
	}
	if err := errors.Join(settled, b.removeLeftovers()); err != nil {
		f.report("logfile: old backups of %s stay on the disk: %v", f.path, err)
	}
}

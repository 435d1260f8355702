// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// owner writes segments: one queue of one process. The names of its segments have its name.
// While the process lives, it holds the lock of a file with that name, so that other
// processes leave its closed segments alone. Each open segment is locked on the file itself,
// which keeps two processes from sending the same. If the owner's file is deleted, others may
// send its closed segments, but nothing is sent twice.
type owner struct {
	path string
	name string
	file *os.File // Nil until the first segment is made.
	info fs.FileInfo
}

const lockSuffix = ".lock"

func newOwner(dir string, signal Signal) owner {
	name := newID()
	return owner{name: name, path: filepath.Join(dir, string(signal)+"-"+name+lockSuffix)}
}

// hold makes the file and locks it, and makes it again if it was deleted.
func (o *owner) hold() error {
	if o.there() {
		return nil
	}
	o.close()
	f, err := os.OpenFile(o.path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		f, _, err = openRegular(o.path, os.O_RDWR, maxLock)
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = tryLock(f, false)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	o.file, o.info = f, info
	return nil
}

// there reports whether the file is held and still at its path.
func (o *owner) there() bool {
	return o.file != nil && isAt(o.path, o.info)
}

func (o *owner) close() {
	if o.file != nil {
		_ = o.file.Close()
		o.file = nil
	}
}

// release deletes the file. Other processes may then send the owner's segments.
func (o *owner) release() {
	if o.file != nil {
		removeOpen(o.path, o.file, o.info)
		o.file = nil
	}
}

// isAt reports whether a path is the file.
func isAt(path string, info fs.FileInfo) bool {
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(info, there)
}

// removeOpen deletes a file that is open, unless another one is at its path by now, and
// closes it. Where an open file cannot be deleted it is closed first.
func removeOpen(path string, f *os.File, info fs.FileInfo) {
	ours := isAt(path, info)
	failed := error(nil)
	if ours {
		failed = os.Remove(path)
	}
	_ = f.Close()
	if failed != nil {
		_ = os.Remove(path)
	}
}

const (
	maxLock  = 4096        // Bytes: lock files are empty.
	youngest = time.Minute // A younger lock file may be about to be locked by who made it.
)

// ownerOf returns the owner in the name of a segment, "" in those of earlier versions.
func ownerOf(segment string) string {
	parts := strings.Split(strings.TrimSuffix(segment, segmentSuffix), "-")
	if len(parts) != 4 {
		return ""
	}
	return parts[2]
}

// isHeld reports whether a process holds a lock file. A file whose lock is free is deleted,
// unless it is young. The lock of a segment, as earlier versions had them, is one, too.
func isHeld(path string, now time.Time) bool {
	f, info, err := openRegular(path, os.O_RDWR, maxLock)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errNotRegular) && !errors.Is(err, errTooLarge)
	}
	// Shared, so that two processes that look at the same time do not take each other for the owner.
	free, err := tryLock(f, true)
	if err != nil || !free {
		_ = f.Close()
		return true
	}
	if now.Sub(info.ModTime()) > youngest {
		removeOpen(path, f, info)
		return false
	}
	_ = f.Close()
	return false
}

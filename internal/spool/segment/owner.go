// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Owner identifies the writer of segments: one queue of one process. Its name is part of the
// names of its segments. While the process lives, it holds the lock of a file with that name,
// so that other processes do not send its closed segments. Each open segment has a lock of its
// own, which prevents two processes from sending the same request. If the owner's file is
// deleted, others may send its closed segments, but nothing is sent twice.
type Owner struct {
	path string
	Name string
	File *os.File // Nil until the first segment is created.
	info fs.FileInfo
}

// LockSuffix is the suffix of the names of lock files.
const LockSuffix = ".lock"

// NewOwner returns an owner with a new name. It creates no file.
func NewOwner(dir string, signal Signal) Owner {
	name := NewID()
	return Owner{Name: name, path: filepath.Join(dir, string(signal)+"-"+name+LockSuffix)}
}

// Hold creates and locks the file, and creates it again if it was deleted.
func (o *Owner) Hold() error {
	if o.There() {
		return nil
	}
	o.close()
	f, err := os.OpenFile(o.path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		f, _, err = OpenRegular(o.path, os.O_RDWR, MaxLock)
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = TryLock(f, false)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	o.File, o.info = f, info
	return nil
}

// There reports whether the lock is held and the file is still at its path.
func (o *Owner) There() bool {
	return o.File != nil && isAt(o.path, o.info)
}

func (o *Owner) close() {
	if o.File != nil {
		_ = o.File.Close()
		o.File = nil
	}
}

// Release deletes the file. Other processes may then send the owner's segments.
func (o *Owner) Release() {
	if o.File != nil {
		removeOpen(o.path, o.File, o.info)
		o.File = nil
	}
}

// isAt reports whether a path names the file.
func isAt(path string, info fs.FileInfo) bool {
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(info, there)
}

// removeOpen deletes an open file, unless its path now names another file, and
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

// The limits of lock files.
const (
	MaxLock  = 4096        // Bytes: lock files are empty.
	youngest = time.Minute // The creator of a younger lock file may be about to lock it.
)

// OwnerOf returns the owner in the name of a segment; "" for names of earlier versions.
func OwnerOf(segment string) string {
	parts := strings.Split(strings.TrimSuffix(segment, SegmentSuffix), "-")
	if len(parts) != 4 {
		return ""
	}
	return parts[2]
}

// IsHeld reports whether a process holds a lock file. A file whose lock is free is deleted,
// unless it is young. Lock files of single segments, which
// earlier versions wrote, count as well.
func IsHeld(path string, now time.Time) bool {
	f, info, err := OpenRegular(path, os.O_RDWR, MaxLock)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrNotRegular) && !errors.Is(err, ErrTooLarge)
	}
	// Shared, so that two processes that check at the same time do not mistake each other for the owner.
	free, err := TryLock(f, true)
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

// NewID returns eight random hexadecimal digits.
func NewID() string {
	var b [4]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

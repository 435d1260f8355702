// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package logfile

import (
	"errors"
	"os"
	"syscall"
)

// lockDir locks a directory against rotations by other processes and other Files, until
// unlock is called or the process ends. It does not wait: locked is false if another has
// the lock. A file system without locks is not an obstacle.
func lockDir(path string) (unlock func(), locked bool) {
	dir, err := os.Open(path)
	if err != nil {
		return func() {}, true
	}
	for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
		err = syscall.Flock(int(dir.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		_ = dir.Close() // Nothing was written to it.
		return nil, false
	}
	return func() { _ = dir.Close() }, true
}

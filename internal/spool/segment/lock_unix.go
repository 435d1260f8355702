// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package segment

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// TryLock locks an open file until it is closed, exclusively or shared. It returns
// false if another process, or another open file of this one, holds the lock.
func TryLock(f *os.File, shared bool) (bool, error) {
	how := unix.LOCK_EX
	if shared {
		how = unix.LOCK_SH
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return false, fmt.Errorf("lock: %w", err)
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		for {
			failed = unix.Flock(int(fd), how|unix.LOCK_NB)
			if !errors.Is(failed, unix.EINTR) {
				return
			}
		}
	})
	if err = errors.Join(err, failed); err == nil {
		return true, nil
	}
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return false, fmt.Errorf("lock: %w", err)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build aix || (solaris && !illumos)

package segment

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// TryLock locks an open file until it is closed, exclusively or shared. It returns
// false if another process holds the lock.
func TryLock(f *os.File, shared bool) (bool, error) {
	lock := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart}
	if shared {
		lock.Type = unix.F_RDLCK
	}
	err := unix.FcntlFlock(f.Fd(), unix.F_SETLK, &lock)
	if err == nil {
		return true, nil
	}
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return false, nil
	}
	return false, fmt.Errorf("lock: %w", err)
}

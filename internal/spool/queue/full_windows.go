// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package queue

import (
	"errors"
	"syscall"
)

// NoSpace reports whether an error means that the disk is full.
func NoSpace(err error) bool {
	const diskFull = syscall.Errno(112) // ERROR_DISK_FULL
	return errors.Is(err, diskFull)
}

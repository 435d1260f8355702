// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !windows

package queue

import (
	"errors"
	"syscall"
)

// NoSpace reports whether an error means that the disk is full or the user's quota is exceeded.
func NoSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

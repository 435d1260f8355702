// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !windows

package spool

import (
	"errors"
	"syscall"
)

// noSpace reports whether a disk has no room, or its user none left.
func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

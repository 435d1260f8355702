// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package logfile

import (
	"os"
	"syscall"
)

// nonblock makes the opening of a named pipe fail while no process reads it. Without
// it, opening waits for a reader.
const nonblock = syscall.O_NONBLOCK

// deleted reports whether an open file has no name any more.
func deleted(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink == 0
}

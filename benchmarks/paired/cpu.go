// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package paired

import (
	"syscall"
	"time"
)

// cpu returns the CPU time that this process has used, in all its threads and in the kernel on
// its behalf. The caller's clock does not include work that runs beside the caller.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // It fails only for an invalid argument.
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

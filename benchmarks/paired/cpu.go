// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package paired

import (
	"syscall"
	"time"
)

// cpu returns what this process has spent of the CPU, in all its threads and in the kernel on
// its behalf: where work goes on beside the caller, the caller's clock does not see it.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // It fails for a bad argument only.
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package load

import (
	"syscall"
	"time"
)

// CPU returns the CPU time that all threads of the process have used, in user mode and in the kernel.
// On a machine with other work it varies less than elapsed time.
func CPU() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r) // It cannot fail for the calling process.
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package load

import (
	"syscall"
	"time"
)

// CPU is what all threads of the process have used so far, by themselves and by the system
// for them. On a machine with other work to do it swings by less than the time does.
func CPU() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r) // It cannot fail for the calling process.
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

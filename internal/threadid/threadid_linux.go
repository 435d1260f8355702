// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package threadid

import "syscall"

// Current returns the operating system's thread ID: a system call of about
// 0.2 µs, which [Options.WithoutThreadID] saves.
func Current() int { return syscall.Gettid() }

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package threadid

import "golang.org/x/sys/windows"

// Current returns the operating system's thread ID.
func Current() int { return int(windows.GetCurrentThreadId()) }

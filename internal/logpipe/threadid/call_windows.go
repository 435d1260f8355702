// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package threadid

import "golang.org/x/sys/windows"

// Current returns the ID of the current thread.
func (Reader) Current() int { return int(windows.GetCurrentThreadId()) }

func fieldOffset() uintptr { return 0 }

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import "golang.org/x/sys/windows"

// threadID returns the operating system's thread ID.
func threadID() int { return int(windows.GetCurrentThreadId()) }

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix && !linux

package output

import "syscall"

// tryWrite returns nil: the system has no non-blocking write for a descriptor whose mode other processes
// share.
func tryWrite(syscall.RawConn) func([]byte) (int, error) { return nil }

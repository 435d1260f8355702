// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix && !linux

package output

import "syscall"

// tryWrite is nil: there is no write that fails instead of blocking for a descriptor
// whose mode others share.
func tryWrite(syscall.RawConn) func([]byte) (int, error) { return nil }

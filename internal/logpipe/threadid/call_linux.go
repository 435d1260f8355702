// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !(amd64 || arm64) || !gc

package threadid

import "syscall"

// Current returns the ID of the current thread.
func (Reader) Current() int { return syscall.Gettid() }

func fieldOffset() uintptr { return 0 }

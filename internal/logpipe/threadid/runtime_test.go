// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build linux && (amd64 || arm64) && gc

package threadid

import (
	"runtime/debug"
	"syscall"
	"testing"
)

// If the layout of the runtime's structures changes, the search may read addresses that are not
// mapped. That must not end the process.
func TestFaultsAreRecovered(t *testing.T) {
	for _, address := range []uintptr{0, 8, 1 << 44, 0xdead << 48} {
		faulted := func() (faulted bool) {
			defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
			defer func() { faulted = recover() != nil }()
			word(address)
			return false
		}()
		if !faulted {
			t.Errorf("reading %#x did not panic", address)
		}
	}
}

// A field that does not have the thread's ID is not found.
func TestMatchesNothingElse(t *testing.T) {
	if got := matches(syscall.Gettid() + 1<<30); len(got) != 0 {
		t.Errorf("found %v", got)
	}
}

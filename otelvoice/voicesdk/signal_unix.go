// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package voicesdk

import (
	"fmt"
	"os"
	"syscall"
)

// dieOf raises a signal, whose default action ends the process unless the program handles it.
func dieOf(s os.Signal) {
	number, ok := s.(syscall.Signal)
	if !ok {
		return
	}
	if err := syscall.Kill(os.Getpid(), number); err != nil {
		fmt.Fprintf(os.Stderr, "otelvoice: raise %s again: %v\n", s, err)
	}
}

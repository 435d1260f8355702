// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package voicesdk

import "os"

// statusControlC is the exit status of a process on Windows that Ctrl-C has ended.
const statusControlC = 0xC000013A - 1<<32

// dieOf ends the process as the signal would have: no signal can be raised here.
func dieOf(os.Signal) { os.Exit(statusControlC) }

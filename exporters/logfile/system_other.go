// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package logfile

import "os"

// nonblock has no meaning on these systems.
const nonblock = 0

// deleted is false: these systems refuse to delete an open file.
func deleted(os.FileInfo) bool { return false }

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package logfile

import "os"

// deleted is false: an open file cannot be deleted here.
func deleted(os.FileInfo) bool { return false }

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package output

import (
	"errors"
	"os"
)

var (
	errWouldBlock  = errors.New("output: the write would block")
	errUnsupported = errors.New("output: the file takes no write that does not block")
)

func fileTarget(file *os.File) target { return target{write: file.Write, lingers: true} }

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix && !windows

package spool

import (
	"errors"
	"fmt"
	"os"
)

// tryLock fails: there are no locks here, so requests wait in memory.
func tryLock(*os.File, bool) (bool, error) {
	return false, fmt.Errorf("lock: %w", errors.ErrUnsupported)
}

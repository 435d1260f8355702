// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix && !windows

package segment

import (
	"errors"
	"fmt"
	"os"
)

// TryLock fails, because these systems have no file locks. Requests then wait in memory.
func TryLock(*os.File, bool) (bool, error) {
	return false, fmt.Errorf("lock: %w", errors.ErrUnsupported)
}

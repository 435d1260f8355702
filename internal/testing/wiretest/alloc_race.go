// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build race

package wiretest

import "testing"

// Allocs calls f and returns 0.
func Allocs(runs int, f func()) float64 {
	testing.AllocsPerRun(runs, f)
	return 0
}

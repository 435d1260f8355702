// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package wiretest

import "testing"

// Allocs returns how many allocations a call of f makes, on average. With the race detector it calls f and returns
// 0, because a sync.Pool then forgets at random what it holds.
func Allocs(runs int, f func()) float64 { return testing.AllocsPerRun(runs, f) }

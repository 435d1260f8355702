// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"slices"
	"time"
)

// An Interval is the time in which a tool ran.
type Interval struct{ From, To time.Time }

// Overlap returns how much of the time between from and to the intervals cover. Tools may
// run in parallel: overlapping time counts once.
func Overlap(intervals []Interval, from, to time.Time) (covered time.Duration) {
	sorted := slices.SortedFunc(slices.Values(intervals), func(a, b Interval) int {
		return a.From.Compare(b.From)
	})
	var counted time.Duration // Time after from that is already counted.
	for _, iv := range sorted {
		start := max(iv.From.Sub(from), counted)
		end := min(iv.To.Sub(from), to.Sub(from))
		if end > start {
			covered += end - start
			counted = end
		}
	}
	return covered
}

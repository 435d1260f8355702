// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package trial

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Medians are the medians of the times of several comparisons, because a loaded machine delays any
// of them. All comparisons have the times of the first.
type Medians []Time

// MediansOf returns the medians.
func MediansOf(all []*Comparison) (m Medians) {
	for i, t := range all[0].Times {
		var byHand, dropIn []time.Duration
		for _, c := range all {
			if i < len(c.Times) {
				byHand, dropIn = append(byHand, c.Times[i].ByHand), append(dropIn, c.Times[i].DropIn)
			}
		}
		slices.Sort(byHand)
		slices.Sort(dropIn)
		t.ByHand, t.DropIn = byHand[len(byHand)/2], dropIn[len(dropIn)/2]
		m = append(m, t)
	}
	return m
}

// Largest returns the time with the largest difference.
func (m Medians) Largest() (largest Time) {
	for _, t := range m {
		if (t.ByHand - t.DropIn).Abs() > (largest.ByHand - largest.DropIn).Abs() {
			largest = t
		}
	}
	return largest
}

// String returns a table.
func (m Medians) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-5s%-18s%-38s%11s%11s%11s\n", "turn", "stage", "time", "by hand", "drop-in", "difference")
	for _, t := range m {
		fmt.Fprintf(&b, "%-5d%-18s%-38s%8.1f ms%8.1f ms%8.1f ms\n", t.Turn, t.Stage, t.Key, ms(t.ByHand), ms(t.DropIn), ms(t.DropIn-t.ByHand))
	}
	return b.String()
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// A Comparison is one value as telemetry tells it and as the sound has it. Nil is unknown.
type Comparison struct{ Told, Measured *time.Duration }

// Difference returns Told minus Measured: it is negative if telemetry tells less. It returns false if one
// of them is unknown.
func (c Comparison) Difference() (time.Duration, bool) {
	if c.Told == nil || c.Measured == nil {
		return 0, false
	}
	return *c.Told - *c.Measured, true
}

// A Distribution describes differences. It is zero if there are none.
type Distribution struct {
	Count int
	// Mean is the mean difference. A mean far from 0 is a bias.
	Mean time.Duration
	// Median and P95 are of the magnitudes of the differences, so that differences of opposite sign do
	// not cancel. P95 is the smallest magnitude that at least 95 % do not exceed.
	Median, P95 time.Duration
	// Worst is the difference with the greatest magnitude.
	Worst time.Duration
}

// distribution describes differences.
func distribution(differences []time.Duration) (d Distribution) {
	n := len(differences)
	if n == 0 {
		return d
	}
	magnitudes := make([]time.Duration, n)
	var sum float64
	for i, diff := range differences {
		sum += float64(diff)
		magnitudes[i] = diff.Abs()
		if diff.Abs() > d.Worst.Abs() {
			d.Worst = diff
		}
	}
	d.Count, d.Mean = n, time.Duration(sum/float64(n))
	slices.Sort(magnitudes)
	d.Median = middle(magnitudes)
	d.P95 = magnitudes[int(math.Ceil(0.95*float64(n)))-1]
	return d
}

// middle returns the median of sorted values.
func middle(sorted []time.Duration) time.Duration {
	n := len(sorted)
	if n == 0 {
		return 0
	}
	low, high := sorted[(n-1)/2], sorted[n/2]
	return low + (high-low)/2
}

// String returns the distribution in milliseconds, such as "100 compared, median 4 ms, p95 12 ms, worst
// +21 ms, mean -1 ms".
func (d Distribution) String() string {
	if d.Count == 0 {
		return "none compared"
	}
	return fmt.Sprintf("%d compared, median %s ms, p95 %s ms, worst %s ms, mean %s ms",
		d.Count, millis(d.Median, false), millis(d.P95, false), millis(d.Worst, true), millis(d.Mean, true))
}

// millis formats a duration in milliseconds.
func millis(d time.Duration, signed bool) string {
	v := d.Seconds() * 1000
	if v = math.Round(v*10) / 10; v == 0 {
		v = 0 // Not -0.
	}
	if signed && cmp.Compare(v, 0) > 0 {
		return fmt.Sprintf("+%g", v)
	}
	return fmt.Sprintf("%g", v)
}

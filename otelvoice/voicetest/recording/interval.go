// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"cmp"
	"slices"
	"time"
)

// An Interval is a part of a recording. Its times are offsets from the recording's first sample.
type Interval struct{ Start, End time.Duration }

// Duration returns the length of the interval.
func (i Interval) Duration() time.Duration { return i.End - i.Start }

func starts(intervals []Interval) (out []time.Duration) {
	for _, i := range intervals {
		out = append(out, i.Start)
	}
	return out
}

func ends(intervals []Interval) (out []time.Duration) {
	for _, i := range intervals {
		out = append(out, i.End)
	}
	return out
}

// at returns the index of the interval that contains an offset, or none.
func at(intervals []Interval, offset time.Duration) int {
	i, _ := slices.BinarySearchFunc(intervals, offset, func(iv Interval, t time.Duration) int {
		if iv.End <= t {
			return -1
		}
		return 1
	})
	if i < len(intervals) && intervals[i].Start <= offset {
		return i
	}
	return none
}

// firstStart returns the index of the first interval that starts at from or later, and before to.
func firstStart(intervals []Interval, from, to time.Duration) int {
	i, _ := slices.BinarySearchFunc(intervals, from, func(iv Interval, t time.Duration) int { return cmp.Compare(iv.Start, t) })
	if i < len(intervals) && intervals[i].Start < to {
		return i
	}
	return none
}

// lastStart returns the index of the last interval that starts before an offset, or none.
func lastStart(intervals []Interval, offset time.Duration) int {
	i, _ := slices.BinarySearchFunc(intervals, offset, func(iv Interval, t time.Duration) int { return cmp.Compare(iv.Start, t) })
	return i - 1
}

// merged returns intervals in order, those that touch each other as one.
func merged(intervals []Interval) (out []Interval) {
	slices.SortFunc(intervals, func(x, y Interval) int { return cmp.Compare(x.Start, y.Start) })
	for _, iv := range intervals {
		if n := len(out); n > 0 && iv.Start <= out[n-1].End {
			out[n-1].End = max(out[n-1].End, iv.End)
			continue
		}
		out = append(out, iv)
	}
	return out
}

// overlap returns how long both sides speak between from and to.
func overlap(a, b []Interval, from, to time.Duration) (sum time.Duration) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		start, end := max(a[i].Start, b[j].Start, from), min(a[i].End, b[j].End, to)
		sum += max(end-start, 0)
		if a[i].End < b[j].End {
			i++
		} else {
			j++
		}
	}
	return sum
}

// silences returns the times between the first and the last sound in which neither side speaks, if they
// are longer than bound.
func silences(a, b []Interval, bound time.Duration) (out []Interval) {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y Interval) int { return cmp.Compare(x.Start, y.Start) })
	var end time.Duration
	for i, iv := range all {
		if i > 0 && iv.Start-end > bound {
			out = append(out, Interval{end, iv.Start})
		}
		end = max(end, iv.End)
	}
	return out
}

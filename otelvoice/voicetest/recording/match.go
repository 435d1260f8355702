// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"cmp"
	"slices"
	"time"
)

// none is the index of no interval.
const none = -1

// nearest assigns instants that telemetry tells to instants of the sound that are at most window apart.
// The nearest pair is assigned first, and each instant once, so that an instant that is missing on one
// side does not shift those after it. It returns the index of the sound for each told instant. sound is in
// order; told may have nil for unknown.
func nearest(told []*time.Duration, sound []time.Duration, window time.Duration) []int {
	type pair struct {
		told, sound int
		distance    time.Duration
	}
	var pairs []pair
	assigned := make([]int, len(told))
	for i, at := range told {
		assigned[i] = none
		if at == nil {
			continue
		}
		first, _ := slices.BinarySearch(sound, *at-window)
		for j := first; j < len(sound) && sound[j] <= *at+window; j++ {
			pairs = append(pairs, pair{i, j, (sound[j] - *at).Abs()})
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(a.distance, b.distance) })
	taken := make(map[int]bool)
	for _, p := range pairs {
		if assigned[p.told] == none && !taken[p.sound] {
			assigned[p.told], taken[p.sound] = p.sound, true
		}
	}
	return assigned
}

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

// lastEnd returns the index of the last interval that ends at to or earlier, and after from.
func lastEnd(intervals []Interval, from, to time.Duration) int {
	i, _ := slices.BinarySearchFunc(intervals, to, func(iv Interval, t time.Duration) int {
		if iv.End <= t {
			return -1
		}
		return 1
	})
	if i > 0 && intervals[i-1].End > from {
		return i - 1
	}
	return none
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

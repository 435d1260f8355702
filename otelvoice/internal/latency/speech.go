// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"slices"
	"time"
)

// An Speech is a time in which a side spoke.
type Speech struct{ From, To time.Time }

// Speech returns the intervals from an occurrence of start to the next occurrence of stop, in
// the order of time. In an interval, a further start changes nothing. A stop without a start, and
// a start without a later stop, make no interval. If one of the marks has reached its bound,
// occurrences may be missing, and Speech returns none.
func (m *Marks) Speech(start, stop Mark) []Speech {
	if m.counts[start] >= maxMarks || m.counts[stop] >= maxMarks {
		return nil
	}
	var ends []Occurrence
	for _, o := range m.list {
		if o.Mark == start || o.Mark == stop {
			ends = append(ends, o)
		}
	}
	slices.SortStableFunc(ends, func(a, b Occurrence) int { return a.At.Compare(b.At) })
	var intervals []Speech
	var from time.Time
	for _, o := range ends {
		switch {
		case o.Mark == start && from.IsZero():
			from = o.At
		case o.Mark == stop && !from.IsZero():
			if o.At.After(from) {
				intervals = append(intervals, Speech{from, o.At})
			}
			from = time.Time{}
		}
	}
	return intervals
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"errors"
	"fmt"
	"time"
)

// A Tolerance is by how much telemetry may differ from the sound.
type Tolerance struct {
	// Median and Worst bound the distribution of the differences of the response latency. 0 is 10 ms and
	// 40 ms.
	Median, Worst time.Duration
	// Unmatched is how many turns may have a response latency that is not found in the sound.
	Unmatched int
	// StopTime bounds the worst difference of the stop times of barge-ins. 0 is no bound.
	StopTime time.Duration
}

// Check returns an error that names every bound that is exceeded, and the turns that exceed it. A report
// without a response latency that was compared is an error.
func (r *Report) Check(t Tolerance) error {
	if t.Median <= 0 {
		t.Median = 10 * time.Millisecond
	}
	if t.Worst <= 0 {
		t.Worst = 40 * time.Millisecond
	}
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if r.Response.Count == 0 {
		fail("no response latency was compared")
	}
	if r.Response.Median > t.Median {
		fail("the median difference of the response latency is %s ms, want %s ms at most", millis(r.Response.Median, false), millis(t.Median, false))
	}
	beyond := func(row *Row, what string, c Comparison, bound time.Duration) {
		if d, ok := c.Difference(); ok && bound > 0 && d.Abs() > bound {
			fail("turn %d: telemetry tells a %s of %.3f s, and the sound has %.3f s: the difference is %s ms, want %s ms at most",
				row.Turn.Index, what, c.Told.Seconds(), c.Measured.Seconds(), millis(d, true), millis(bound, false))
		}
	}
	for i := range r.Rows {
		row := &r.Rows[i]
		beyond(row, "response latency", row.Response, t.Worst)
		beyond(row, "stop time", row.StopTime, t.StopTime)
		if row.Missing != "" && r.Unmatched > t.Unmatched {
			fail("turn %d: the response latency of %.3f s was not compared: %s", row.Turn.Index, row.Response.Told.Seconds(), row.Missing)
		}
	}
	return errors.Join(errs...)
}

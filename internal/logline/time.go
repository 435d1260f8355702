// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logline

import (
	"time"

	"github.com/voice-agents/telemetry/internal/logrecord"
)

// Time returns the time of the record, else the time when it was observed, else the current time.
func Time(r *logrecord.Record) time.Time {
	if !r.Time.IsZero() {
		return r.Time
	}
	if !r.Observed.IsZero() {
		return r.Observed
	}
	return time.Now()
}

// InRange returns the time that is closest to t in the years 0 to 9999, in milliseconds. Timestamps
// of lines cannot have other years.
func InRange(t time.Time) time.Time {
	switch year := t.UTC().Year(); {
	case year < 0:
		return time.Date(0, time.January, 1, 0, 0, 0, 0, time.UTC)
	case year > 9999:
		return time.Date(9999, time.December, 31, 23, 59, 59, 999*int(time.Millisecond), time.UTC)
	}
	return t
}

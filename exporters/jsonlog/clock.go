// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"time"

	"github.com/voice-agents/telemetry/internal/logrecord"
)

// timeOf returns when the record happened, else when it was observed, else now.
func timeOf(r *logrecord.Record) time.Time {
	if !r.Time.IsZero() {
		return r.Time
	}
	if !r.Observed.IsZero() {
		return r.Observed
	}
	return time.Now()
}

const (
	secondLayout = "2006-01-02T15:04:05"
	earliest     = "0000-01-01T00:00:00.000Z"
	latest       = "9999-12-31T23:59:59.999Z"
)

// clock formats times, and keeps the text of the last second: records come many
// to the second, and the calendar is most of the work. Every encoder has one of
// its own, so that no two goroutines share it.
type clock struct {
	second int64 // Unix time of text.
	text   []byte
}

// appendTime appends t in UTC with milliseconds, 2006-01-02T15:04:05.000Z. The
// format has no room for years before 0 and after 9999; a time there is written
// as the nearest that it can say.
func (c *clock) appendTime(dst []byte, t time.Time) []byte {
	if second := t.Unix(); c.text == nil || second != c.second {
		utc := t.UTC()
		switch year := utc.Year(); {
		case year < 0:
			return append(dst, earliest...)
		case year > 9999:
			return append(dst, latest...)
		}
		c.second = second
		c.text = utc.AppendFormat(c.text[:0], secondLayout)
	}
	dst = append(dst, c.text...)
	ms := t.Nanosecond() / int(time.Millisecond)
	return append(dst, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z')
}

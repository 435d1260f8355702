// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"time"

	"github.com/voice-agents/telemetry/exporters/internal/logline"
)

const (
	secondLayout = "2006-01-02T15:04:05"
	milliLayout  = "2006-01-02T15:04:05.000Z"
)

// clock formats times and caches the text of the last second, because the calendar is most of the
// work and a second has many records. Each encoder has its own clock.
type clock struct {
	second int64 // Unix time of text.
	text   []byte
}

// appendTime appends t in UTC with milliseconds, 2006-01-02T15:04:05.000Z. For a time outside of the
// years 0 to 9999, it appends the closest time in them.
func (c *clock) appendTime(dst []byte, t time.Time) []byte {
	if second := t.Unix(); c.text == nil || second != c.second {
		utc := t.UTC()
		if year := utc.Year(); year < 0 || year > 9999 {
			return logline.InRange(t).AppendFormat(dst, milliLayout)
		}
		c.second = second
		c.text = utc.AppendFormat(c.text[:0], secondLayout)
	}
	dst = append(dst, c.text...)
	ms := t.Nanosecond() / int(time.Millisecond)
	return append(dst, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z')
}

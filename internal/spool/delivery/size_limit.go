// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"time"

	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// SizeLimit is the largest size of a request that the endpoint accepts, so that larger ones are
// split before they are sent. It is doubled after an interval, because a proxy may be reconfigured;
// each time the larger request fails, the interval doubles.
type SizeLimit struct {
	Bytes    int // 0 is no limit.
	interval time.Duration
	doubleAt time.Time // When the limit is doubled.
	doubled  int       // The doubled limit, until the endpoint accepts or rejects a larger request; 0 otherwise.
}

const (
	firstInterval = time.Minute
	maxInterval   = time.Hour
)

// Exceeded reports whether a request is larger than the limit.
func (l *SizeLimit) Exceeded(size int, now time.Time) bool {
	if l.Bytes == 0 {
		return false
	}
	if !now.Before(l.doubleAt) {
		l.Bytes *= 2
		l.doubled, l.doubleAt = l.Bytes, now.Add(l.interval)
	}
	return size > l.Bytes
}

// Refused records that a request of a size was too large.
func (l *SizeLimit) Refused(size int, now time.Time) {
	switch {
	case l.interval == 0:
		l.interval = firstInterval
	case l.doubled > 0:
		l.interval = min(2*l.interval, maxInterval)
	}
	half := max(size/2, 1)
	if l.Bytes > 0 { // A single item may be larger than the limit.
		half = min(half, l.Bytes)
	}
	l.Bytes, l.doubled, l.doubleAt = half, 0, now.Add(l.interval)
}

// Accepted records that a request of a size was accepted. It reports whether this removed the
// limit, because the endpoint accepted the largest possible request.
func (l *SizeLimit) Accepted(size int) (removed bool) {
	if l.doubled > 0 && size > l.doubled/2 {
		l.doubled, l.interval = 0, firstInterval
	}
	if l.Bytes > segment.MaxPayload {
		*l = SizeLimit{}
		return true
	}
	return false
}

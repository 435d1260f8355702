// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import "time"

// sizeLimit remembers how large a request may be for the endpoint to take it, so that the
// next ones are split at once. It is doubled after a while, for a proxy may be mended; each
// time that this was in vain it takes twice as long.
type sizeLimit struct {
	bytes    int // 0 is no limit.
	interval time.Duration
	raise    time.Time // When the limit is doubled.
	raised   int       // The limit after it was last doubled, until a request shows whether that was right.
}

const (
	firstRaise = time.Minute
	lastRaise  = time.Hour
)

// exceeded reports whether a request is larger than the endpoint takes.
func (l *sizeLimit) exceeded(size int, now time.Time) bool {
	if l.bytes == 0 {
		return false
	}
	if !now.Before(l.raise) {
		l.bytes *= 2
		l.raised, l.raise = l.bytes, now.Add(l.interval)
	}
	return size > l.bytes
}

// refused notes that a request of a size was too large.
func (l *sizeLimit) refused(size int, now time.Time) {
	switch {
	case l.interval == 0:
		l.interval = firstRaise
	case l.raised > 0:
		l.interval = min(2*l.interval, lastRaise)
	}
	half := max(size/2, 1)
	if l.bytes > 0 { // A single item may be larger than the limit.
		half = min(half, l.bytes)
	}
	l.bytes, l.raised, l.raise = half, 0, now.Add(l.interval)
}

// took notes that a request of a size was taken, and reports whether there was a limit and
// is none any more: the endpoint has taken the largest requests that there are.
func (l *sizeLimit) took(size int) (lifted bool) {
	if l.raised > 0 && size > l.raised/2 {
		l.raised, l.interval = 0, firstRaise
	}
	if l.bytes > maxPayload {
		*l = sizeLimit{}
		return true
	}
	return false
}

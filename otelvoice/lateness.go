// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import "time"

// lateness is how long after the end of a stage or a stream its usage is accepted:
// realtime and chat vendors send it within seconds after a barge-in.
const lateness = time.Minute

// tooLate reports whether something ended too long ago for its usage to be accepted.
func tooLate(ended, now time.Time) bool {
	return !ended.IsZero() && now.Sub(ended) > lateness
}

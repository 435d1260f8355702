// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package talk

import (
	"time"

	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
)

// AppendQuiet appends the times of a turn in which neither side speaks, as far as they may be of a silence that
// is longer than a bound. Those at the start and at the end of the turn go on outside of it.
func AppendQuiet(to []latency.Interval, turn Span, a, b *Voice, bound time.Duration) []latency.Interval {
	first, second := a.Speech, b.Speech
	covered, isFirst := turn.Start, true
	for len(first)+len(second) > 0 {
		var next latency.Speech
		if len(second) == 0 || len(first) > 0 && first[0].From.Before(second[0].From) {
			next, first = first[0], first[1:]
		} else {
			next, second = second[0], second[1:]
		}
		if quiet := next.From.Sub(covered); quiet > bound || quiet > 0 && isFirst {
			to = append(to, latency.Interval{From: covered, To: next.From})
		}
		isFirst = false
		if next.To.After(covered) {
			covered = next.To
		}
	}
	if turn.End.After(covered) {
		to = append(to, latency.Interval{From: covered, To: turn.End})
	}
	return to
}

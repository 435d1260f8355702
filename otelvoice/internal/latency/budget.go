// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"time"

	"github.com/voice-agents/telemetry/semconv"
)

// Budgets holds the longest acceptable response latency and durations of segments. 0 is no budget. The
// zero value has none.
type Budgets struct {
	Response time.Duration

	segments    [maxSegments]time.Duration
	hasSegments bool
}

// SetSegment sets the budget of a segment. It returns false if there is no such segment.
func (b *Budgets) SetSegment(name SegmentName, budget time.Duration) bool {
	i := indexOf(name)
	if i < 0 {
		return false
	}
	b.segments[i] = budget
	b.hasSegments = b.segments != [maxSegments]time.Duration{}
	return true
}

// HasSegments reports whether any segment has a budget.
func (b *Budgets) HasSegments() bool { return b.hasSegments }

// nameOf returns the name of the segment with an index, from 0.
func nameOf(i int) SegmentName {
	if i < len(boundaries) {
		return boundaries[i].segment
	}
	return semconv.VoiceSegmentPlayout
}

// indexOf returns the index of a segment, or -1.
func indexOf(name SegmentName) int {
	for i := range maxSegments {
		if nameOf(i) == name {
			return i
		}
	}
	return -1
}

// Exceeded is a set of budgets: that of the response is bit 0, those of the segments follow in order.
type Exceeded uint8

// ExceededResponse is the set with the budget of the response latency.
const ExceededResponse Exceeded = 1

func ofSegment(i int) Exceeded { return 1 << (i + 1) }

// Has reports whether all budgets of other are in the set.
func (e Exceeded) Has(other Exceeded) bool { return e&other == other }

// Names returns the values of voice.budget, in order.
func (e Exceeded) Names() (names []string) {
	if e.Has(ExceededResponse) {
		names = append(names, semconv.VoiceBudgetResponse)
	}
	for i := range maxSegments {
		if e.Has(ofSegment(i)) {
			names = append(names, string(nameOf(i)))
		}
	}
	return names
}

// Exceeded returns the budgets that a response latency and its segments exceed. A segment into which
// others are merged is compared with the sum of their budgets and its own, and not at all if one of
// these is missing: it is not known then which part took how long.
func (b *Budgets) Exceeded(of *Breakdown) (e Exceeded) {
	if b.Response > 0 && of.Response > b.Response {
		e |= ExceededResponse
	}
	if !b.hasSegments {
		return e
	}
	next := 0 // The first segment that is not covered yet.
	for _, s := range of.Segments() {
		i := indexOf(s.Name)
		var sum time.Duration
		isKnown := true
		for ; next <= i; next++ {
			sum += b.segments[next]
			isKnown = isKnown && b.segments[next] > 0
		}
		if isKnown && s.Duration > sum {
			e |= ofSegment(i)
		}
	}
	return e
}

// A SegmentIndex is the place of a segment among all, from 1; 0 is none. It is small, for the turns.
type SegmentIndex uint8

// Name returns the name of the segment, or "".
func (i SegmentIndex) Name() SegmentName {
	if i == 0 {
		return ""
	}
	return nameOf(int(i) - 1)
}

// Slowest returns the longest segment, the earlier one of two equal ones, or 0 without segments.
func (b *Breakdown) Slowest() (slowest SegmentIndex) {
	longest := time.Duration(-1)
	for _, s := range b.Segments() {
		if s.Duration > longest {
			slowest, longest = SegmentIndex(indexOf(s.Name)+1), s.Duration
		}
	}
	return slowest
}

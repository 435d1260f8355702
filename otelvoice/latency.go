// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// Latency is how long the user waited for the agent's voice in one turn, and
// where that time went.
//
// The segments are contiguous and sum to Response exactly. Each is named after
// what happened in it and ends at its mark: transcription at [FinalTranscript],
// endpointing at [TurnCommitted], dispatch at [LLMRequested], generation at
// [FirstToken], aggregation at [TTSRequested], synthesis at [FirstByte] and
// playout at [AgentStarted]. A mark that is missing merges its segment into the
// next. A mark out of order, such as an LLM asked before the user was done,
// gives a segment of 0: it took none of the user's time. A mark after
// [AgentStarted] bounds no segment: what comes after the voice was heard
// explains nothing of the wait.
type Latency struct {
	// Response is the time from [UserStopped] to [AgentStarted].
	Response time.Duration
	// Segments are its parts, in order. Parts that are unknown are not there.
	Segments []Segment
	// Anchor says how the end of the user's speech is known.
	Anchor Anchor
	// ToolTime is the part of Response in which tools ran. It lies inside
	// generation, and is 0 when no tool ran.
	ToolTime time.Duration
}

// A Segment is one part of the response latency.
type Segment struct {
	// Name is one of the values of voice.segment, such as "generation".
	Name string
	// Duration is at least 0.
	Duration time.Duration
}

// maxMeasure is the longest time that is believed. Peers report turns of 200 s
// and of days, from anchors left over from an earlier turn.
const maxMeasure = time.Hour

// boundaries are the ends of the segments in order.
var boundaries = [...]struct {
	mark    Mark
	segment string
	// latest tells which occurrence counts: the last before the agent spoke,
	// or the first after the user stopped.
	latest bool
}{
	{FinalTranscript, semconv.VoiceSegmentTranscription, true},
	{TurnCommitted, semconv.VoiceSegmentEndpointing, true},
	{LLMRequested, semconv.VoiceSegmentDispatch, false},
	{FirstToken, semconv.VoiceSegmentGeneration, false},
	{TTSRequested, semconv.VoiceSegmentAggregation, false},
	{FirstByte, semconv.VoiceSegmentSynthesis, false},
}

// userStopped returns t0: the last time the user stopped before the agent was
// heard. What comes after belongs to a barge-in.
func (m *marks) userStopped() (t0 occurrence, ok bool) {
	if t7, heard := m.heard(); heard {
		if t0, ok = m.lastUntil(UserStopped, t7); ok {
			return t0, true
		}
	}
	return m.last(UserStopped)
}

// latency works out the response latency. previous is the end of speech of the turns before.
// The reason is empty unless both ends are known but make no sense.
func (m *marks) latency(previous time.Time) (l Latency, ok bool, reason string) {
	stopped, known := m.userStopped()
	t7, heard := m.heard()
	if !known || !heard {
		return Latency{}, false, ""
	}
	t0 := stopped.at
	response := t7.Sub(t0)
	switch {
	case response < 0:
		return Latency{}, false, semconv.VoiceDropReasonNegative
	case response > maxMeasure:
		return Latency{}, false, semconv.VoiceDropReasonTooLong
	case !previous.IsZero() && !t0.After(previous):
		// The end of speech of an earlier turn: an anchor left over.
		return Latency{}, false, semconv.VoiceDropReasonStale
	}

	l.Response, l.Anchor = response, stopped.anchor
	l.Segments = make([]Segment, 0, len(boundaries)+1)
	// All instants become offsets from t0, and segments differences of these,
	// so that they sum to the response even where a wall clock was stepped
	// between marks that were given and marks that were taken.
	var end time.Duration
	for _, b := range boundaries {
		at, found := m.boundary(b.mark, b.latest, t0, t7)
		if !found {
			continue
		}
		offset := min(max(at.Sub(t0), end), response)
		l.Segments = append(l.Segments, Segment{Name: b.segment, Duration: offset - end})
		end = offset
	}
	l.Segments = append(l.Segments, Segment{Name: semconv.VoiceSegmentPlayout, Duration: response - end})
	return l, true, ""
}

// boundary returns the occurrence of a mark that bounds a segment.
func (m *marks) boundary(mark Mark, latest bool, t0, t7 time.Time) (at time.Time, found bool) {
	if latest {
		var last occurrence
		last, found = m.lastUntil(mark, t7)
		at = last.at
	} else {
		at, found = m.firstWithin(mark, t0, t7)
	}
	return at, found && t0.Sub(at) <= maxMeasure // Or it is of another clock.
}

// interval is a span of time in which a tool ran.
type interval struct{ from, to time.Time }

// overlap returns how much of the time from from to to the intervals cover.
// Tools may run side by side: time is not counted twice.
func overlap(intervals []interval, from, to time.Time) (covered time.Duration) {
	sorted := slices.SortedFunc(slices.Values(intervals), func(a, b interval) int {
		return a.from.Compare(b.from)
	})
	var counted time.Duration // How far, after from, time is already counted.
	for _, iv := range sorted {
		start := max(iv.from.Sub(from), counted)
		end := min(iv.to.Sub(from), to.Sub(from))
		if end > start {
			covered += end - start
			counted = end
		}
	}
	return covered
}

// attribute returns the segment as it stands on the turn's span.
func (s Segment) attribute() attribute.KeyValue {
	seconds := s.Duration.Seconds()
	switch s.Name {
	case semconv.VoiceSegmentTranscription:
		return semconv.VoiceTurnSegmentTranscription(seconds)
	case semconv.VoiceSegmentEndpointing:
		return semconv.VoiceTurnSegmentEndpointing(seconds)
	case semconv.VoiceSegmentDispatch:
		return semconv.VoiceTurnSegmentDispatch(seconds)
	case semconv.VoiceSegmentGeneration:
		return semconv.VoiceTurnSegmentGeneration(seconds)
	case semconv.VoiceSegmentAggregation:
		return semconv.VoiceTurnSegmentAggregation(seconds)
	case semconv.VoiceSegmentSynthesis:
		return semconv.VoiceTurnSegmentSynthesis(seconds)
	}
	return semconv.VoiceTurnSegmentPlayout(seconds)
}

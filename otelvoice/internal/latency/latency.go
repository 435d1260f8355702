// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package latency computes the response latency of a turn and its segments from the
// turn's marks. It is arithmetic on times: it reads no clock and records nothing.
package latency

import (
	"time"

	"github.com/voice-agents/telemetry/semconv"
)

// Breakdown is the response latency and its segments.
type Breakdown struct {
	Response time.Duration
	Anchor   Anchor

	segments [maxSegments]Segment
	count    int
}

// Segments returns the known segments in order. They sum to Response.
func (b *Breakdown) Segments() []Segment { return b.segments[:b.count] }

func (b *Breakdown) add(name SegmentName, d time.Duration) {
	b.segments[b.count] = Segment{name, d}
	b.count++
}

// A Segment is one part of the response latency.
type Segment struct {
	Name     SegmentName
	Duration time.Duration // At least 0.
}

// A SegmentName is one of the values of voice.segment.
type SegmentName string

// Max is the longest latency that is recorded. Other toolkits report turns of 200 s and of
// days, computed from the anchor of an earlier turn.
const Max = time.Hour

// boundaries are the ends of the segments in order. The last segment, playout, ends at
// AgentStarted.
var boundaries = [maxSegments - 1]struct {
	mark    Mark
	segment SegmentName
	// latest selects the last occurrence before the agent spoke; otherwise the first
	// occurrence after the user stopped counts.
	latest bool
}{
	{FinalTranscript, semconv.VoiceSegmentTranscription, true},
	{TurnCommitted, semconv.VoiceSegmentEndpointing, true},
	{LLMRequested, semconv.VoiceSegmentDispatch, false},
	{FirstToken, semconv.VoiceSegmentGeneration, false},
	{TTSRequested, semconv.VoiceSegmentAggregation, false},
	{FirstByte, semconv.VoiceSegmentSynthesis, false},
}

const maxSegments = 7

// EndOfSpeech returns t0: the last time the user stopped before the agent started. A later
// stop belongs to a barge-in.
func (m *Marks) EndOfSpeech() (t0 Occurrence, ok bool) {
	if t7, played := m.AgentStarted(); played {
		if t0, ok = m.LastUntil(UserStopped, t7); ok {
			return t0, true
		}
	}
	return m.Last(UserStopped)
}

// Latency computes the response latency. previous is the latest end of speech of earlier
// turns, or the zero time. If both ends are known but the latency is not plausible, reason
// is the value of voice.drop.reason; otherwise it is empty.
func (m *Marks) Latency(previous time.Time) (b Breakdown, ok bool, reason string) {
	stopped, known := m.EndOfSpeech()
	t7, played := m.AgentStarted()
	if !known || !played {
		return Breakdown{}, false, ""
	}
	t0 := stopped.At
	response := t7.Sub(t0)
	switch {
	case response < 0:
		return Breakdown{}, false, semconv.VoiceDropReasonNegative
	case response > Max:
		return Breakdown{}, false, semconv.VoiceDropReasonTooLong
	case !previous.IsZero() && !t0.After(previous):
		// This end of speech belongs to an earlier turn.
		return Breakdown{}, false, semconv.VoiceDropReasonStale
	}

	b.Response, b.Anchor = response, stopped.Anchor
	// Segments are differences of offsets from t0. So they sum to the response even if a
	// wall clock was stepped between marks with a given time and marks with the current time.
	var end time.Duration
	for _, boundary := range boundaries {
		at, found := m.boundary(boundary.mark, boundary.latest, t0, t7)
		if !found {
			continue
		}
		offset := min(max(at.Sub(t0), end), response)
		b.add(boundary.segment, offset-end)
		end = offset
	}
	b.add(semconv.VoiceSegmentPlayout, response-end)
	return b, true, ""
}

// boundary returns the occurrence of a mark that ends a segment.
func (m *Marks) boundary(mark Mark, latest bool, t0, t7 time.Time) (at time.Time, found bool) {
	if latest {
		var last Occurrence
		last, found = m.LastUntil(mark, t7)
		at = last.At
	} else {
		at, found = m.firstWithin(mark, t0, t7)
	}
	return at, found && t0.Sub(at) <= Max // An earlier time is from another clock.
}

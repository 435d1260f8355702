// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/semconv"
)

// Latency is how long the user waited for the agent's voice in one turn, and
// how that time was spent.
//
// The segments are contiguous and sum to Response exactly. Each is named after
// what happened in it and ends at its mark: transcription at [FinalTranscript],
// endpointing at [TurnCommitted], dispatch at [LLMRequested], generation at
// [FirstToken], aggregation at [TTSRequested], synthesis at [FirstByte] and
// playout at [AgentStarted]. If a mark is missing, its segment is merged into the
// next. A mark out of order, such as an LLM request before the user stopped
// speaking, gives a segment of 0, because the user did not wait for it. A mark
// after [AgentStarted] ends no segment, because the wait was over.
type Latency struct {
	// Response is the time from [UserStopped] to [AgentStarted].
	Response time.Duration
	// Segments are its parts in order, without unknown ones.
	Segments []Segment
	// Anchor says how the end of the user's speech was determined.
	Anchor Anchor
	// ToolTime is the part of Response in which tools ran. It lies inside
	// generation, and is 0 when no tool ran.
	ToolTime time.Duration
}

// A Segment is one part of the response latency.
type Segment struct {
	Name SegmentName
	// Duration is at least 0.
	Duration time.Duration
}

// A SegmentName names a part of the response latency.
type SegmentName string

// The segments in order. Each ends at the mark in brackets.
const (
	SegmentTranscription SegmentName = semconv.VoiceSegmentTranscription // [FinalTranscript]
	SegmentEndpointing   SegmentName = semconv.VoiceSegmentEndpointing   // [TurnCommitted]
	SegmentDispatch      SegmentName = semconv.VoiceSegmentDispatch      // [LLMRequested]
	SegmentGeneration    SegmentName = semconv.VoiceSegmentGeneration    // [FirstToken]
	SegmentAggregation   SegmentName = semconv.VoiceSegmentAggregation   // [TTSRequested]
	SegmentSynthesis     SegmentName = semconv.VoiceSegmentSynthesis     // [FirstByte]
	SegmentPlayout       SegmentName = semconv.VoiceSegmentPlayout       // [AgentStarted]
)

// newLatency returns the latency of a turn. toolTime is part of it.
func newLatency(b *latency.Breakdown, toolTime time.Duration) Latency {
	l := Latency{Response: b.Response, Anchor: Anchor(b.Anchor), ToolTime: toolTime}
	segments := b.Segments()
	l.Segments = make([]Segment, len(segments))
	for i, s := range segments {
		l.Segments[i] = Segment{SegmentName(s.Name), s.Duration}
	}
	return l
}

// attribute returns the span attribute of the segment, in seconds.
func (s Segment) attribute() attribute.KeyValue {
	seconds := s.Duration.Seconds()
	switch s.Name {
	case SegmentTranscription:
		return semconv.VoiceTurnSegmentTranscription(seconds)
	case SegmentEndpointing:
		return semconv.VoiceTurnSegmentEndpointing(seconds)
	case SegmentDispatch:
		return semconv.VoiceTurnSegmentDispatch(seconds)
	case SegmentGeneration:
		return semconv.VoiceTurnSegmentGeneration(seconds)
	case SegmentAggregation:
		return semconv.VoiceTurnSegmentAggregation(seconds)
	case SegmentSynthesis:
		return semconv.VoiceTurnSegmentSynthesis(seconds)
	case SegmentPlayout:
	}
	return semconv.VoiceTurnSegmentPlayout(seconds)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// Turn is the dimensions of a turn. Empty ones are left out.
type Turn struct {
	Outcome                    Outcome
	Anchor, Initiator, Channel string
	Variant                    *Variant
}

func (k Turn) clone() Turn {
	return Turn{clone(k.Outcome), strings.Clone(k.Anchor), strings.Clone(k.Initiator), strings.Clone(k.Channel), k.Variant}
}

// TurnMeter records the measurements of turns with the same dimensions.
type TurnMeter struct {
	set             *Set
	count, response *options
	segments        map[SegmentName]*options
}

// Turn returns the meter of turns. An outcome and an anchor that are not in their lists are _OTHER.
func (s *Set) Turn(key Turn) *TurnMeter {
	key.Outcome, key.Anchor = fixedOutcome(key.Outcome), fixedAnchor(key.Anchor)
	return s.byTurn.get(key)
}

func (s *Set) newTurnMeter(key Turn) *TurnMeter {
	m := &TurnMeter{set: s, segments: make(map[SegmentName]*options)}
	m.count = newOptions(s.redactor, key.Variant.append(list{}.with(semconv.VoiceTurnOutcomeKey, string(key.Outcome)).
		with(semconv.VoiceTurnInitiatorKey, key.Initiator).
		with(semconv.VoiceChannelKey, key.Channel)))
	waited := key.Variant.append(list{}.with(semconv.VoiceTurnOutcomeKey, string(key.Outcome)).
		with(semconv.VoiceTurnAnchorKey, key.Anchor).
		with(semconv.VoiceChannelKey, key.Channel))
	m.response = newOptions(s.redactor, waited)
	for _, segment := range []SegmentName{
		semconv.VoiceSegmentTranscription, semconv.VoiceSegmentEndpointing, semconv.VoiceSegmentDispatch, semconv.VoiceSegmentGeneration,
		semconv.VoiceSegmentAggregation, semconv.VoiceSegmentSynthesis, semconv.VoiceSegmentPlayout,
	} {
		m.segments[segment] = newOptions(s.redactor, append(list{semconv.VoiceSegment(string(segment))}, waited...))
	}
	return m
}

// Ended counts a turn.
func (m *TurnMeter) Ended(ctx context.Context) { m.set.turns.Add(ctx, 1, m.count.add...) }

// ResponseLatency records the seconds from the end of the user's speech to the agent's first
// audio.
func (m *TurnMeter) ResponseLatency(ctx context.Context, seconds float64) {
	m.set.responseLatency.Record(ctx, seconds, m.response.record...)
}

// SegmentLatency records a segment of the response latency, in seconds.
func (m *TurnMeter) SegmentLatency(ctx context.Context, name SegmentName, seconds float64) {
	if segment := m.segments[name]; segment != nil {
		m.set.segmentLatency.Record(ctx, seconds, segment.record...)
	}
}

type source struct{ name, channel string }

func (k source) clone() source {
	return source{strings.Clone(k.name), strings.Clone(k.channel)}
}

func (k source) attributes() []attribute.KeyValue {
	return list{}.with(semconv.VoiceInterruptionSourceKey, k.name).with(semconv.VoiceChannelKey, k.channel)
}

// newSource returns the dimensions of an interruption. A source that is not in its list is _OTHER.
func newSource(from, channel string) source { return source{fixedSource(from), channel} }

// Interrupted counts an interruption by its source.
func (s *Set) Interrupted(ctx context.Context, from, channel string) {
	s.interruptions.Add(ctx, 1, s.bySource.get(newSource(from, channel)).add...)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"context"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// Session is the dimensions of a session. Empty ones are left out.
type Session struct{ Channel, EndReason string }

func (k Session) attributes() []attribute.KeyValue {
	return list{}.with(semconv.VoiceChannelKey, k.Channel).with(semconv.VoiceSessionEndReasonKey, k.EndReason)
}

// SessionStarted counts an active session until [Set.SessionEnded].
func (s *Set) SessionStarted(ctx context.Context, channel string) {
	s.sessionActive.Add(ctx, 1, s.bySession.get(Session{Channel: channel}).add...)
}

// SessionEnded records how long a session took, in seconds.
func (s *Set) SessionEnded(ctx context.Context, key Session, seconds float64) {
	s.sessionActive.Add(ctx, -1, s.bySession.get(Session{Channel: key.Channel}).add...)
	s.sessionDuration.Record(ctx, seconds, s.bySession.get(key).record...)
}

// FirstAudio records the seconds from connection to the first agent audio.
func (s *Set) FirstAudio(ctx context.Context, channel string, seconds float64) {
	s.sessionFirstAudio.Record(ctx, seconds, s.bySession.get(Session{Channel: channel}).record...)
}

// Turn is the dimensions of a turn. Empty ones are left out.
type Turn struct{ Outcome, Anchor, Initiator, Channel string }

func (k Turn) attributes() []attribute.KeyValue {
	return list{}.with(semconv.VoiceTurnOutcomeKey, k.Outcome).
		with(semconv.VoiceTurnAnchorKey, k.Anchor).
		with(semconv.VoiceTurnInitiatorKey, k.Initiator).
		with(semconv.VoiceChannelKey, k.Channel)
}

type segment struct{ name, outcome, anchor, channel string }

func (k segment) attributes() []attribute.KeyValue {
	return list{}.with(semconv.VoiceSegmentKey, k.name).
		with(semconv.VoiceTurnOutcomeKey, k.outcome).
		with(semconv.VoiceTurnAnchorKey, k.anchor).
		with(semconv.VoiceChannelKey, k.channel)
}

// TurnEnded counts a turn.
func (s *Set) TurnEnded(ctx context.Context, key Turn) {
	key.Anchor = ""
	s.turns.Add(ctx, 1, s.byTurn.get(key).add...)
}

// ResponseLatency records the seconds from the user's silence to the agent's
// voice.
func (s *Set) ResponseLatency(ctx context.Context, key Turn, seconds float64) {
	key.Initiator = ""
	s.responseLatency.Record(ctx, seconds, s.byTurn.get(key).record...)
}

// SegmentLatency records one part of the response latency, in seconds.
func (s *Set) SegmentLatency(ctx context.Context, key Turn, name string, seconds float64) {
	k := segment{name: name, outcome: key.Outcome, anchor: key.Anchor, channel: key.Channel}
	s.segmentLatency.Record(ctx, seconds, s.bySegment.get(k).record...)
}

type source struct{ name, channel string }

func (k source) attributes() []attribute.KeyValue {
	return list{}.with(semconv.VoiceInterruptionSourceKey, k.name).with(semconv.VoiceChannelKey, k.channel)
}

// Interrupted counts an interruption by where it came from.
func (s *Set) Interrupted(ctx context.Context, from, channel string) {
	s.interruptions.Add(ctx, 1, s.bySource.get(source{from, channel}).add...)
}

// Operation is the dimensions of an operation. Empty ones are left out.
type Operation struct{ Name, Outcome, ErrorType string }

func (k Operation) attributes() []attribute.KeyValue {
	return list{}.with(semconv.VoiceOperationNameKey, k.Name).
		with(semconv.VoiceOperationOutcomeKey, k.Outcome).
		with(semconv.ErrorTypeKey, k.ErrorType)
}

// OperationEnded records how long an operation took, in seconds.
func (s *Set) OperationEnded(ctx context.Context, key Operation, seconds float64) {
	s.operationDuration.Record(ctx, seconds, s.byOperation.get(key).record...)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// Session is the dimensions of a session. Empty ones are left out.
type Session struct{ Channel, EndReason string }

func (k Session) clone() Session {
	return Session{strings.Clone(k.Channel), strings.Clone(k.EndReason)}
}

func (k Session) attributes() []attribute.KeyValue {
	return list{}.with(semconv.VoiceChannelKey, k.Channel).with(semconv.VoiceSessionEndReasonKey, k.EndReason)
}

// SessionActive counts active sessions: 1 when one starts or is resumed, -1 when it ends or is
// suspended.
func (s *Set) SessionActive(ctx context.Context, channel string, change int64) {
	s.sessionActive.Add(ctx, change, s.bySession.get(Session{Channel: channel}).add...)
}

// SessionEnded records how long a session took, in seconds. A reason that is not in its list is _OTHER.
func (s *Set) SessionEnded(ctx context.Context, key Session, seconds float64) {
	key.EndReason = fixedEndReason(key.EndReason)
	s.sessionDuration.Record(ctx, seconds, s.bySession.get(key).record...)
}

// FirstAudio records the seconds from connection to the first agent audio.
func (s *Set) FirstAudio(ctx context.Context, channel string, seconds float64) {
	s.sessionFirstAudio.Record(ctx, seconds, s.bySession.get(Session{Channel: channel}).record...)
}

// Operation is the dimensions of an operation. Empty ones are left out.
type Operation struct {
	Name      string
	Outcome   Outcome
	ErrorType string
}

func (k Operation) clone() Operation {
	return Operation{strings.Clone(k.Name), clone(k.Outcome), strings.Clone(k.ErrorType)}
}

func (k Operation) attributes() []attribute.KeyValue {
	return list{}.with(semconv.VoiceOperationNameKey, k.Name).
		with(semconv.VoiceOperationOutcomeKey, string(k.Outcome)).
		with(semconv.ErrorTypeKey, k.ErrorType)
}

// OperationEnded records how long an operation took, in seconds.
func (s *Set) OperationEnded(ctx context.Context, key Operation, seconds float64) {
	s.operationDuration.Record(ctx, seconds, s.byOperation.get(key).record...)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// An Event is an instant on the span of a turn.
type Event struct {
	Name string
	Time time.Time
}

// TurnOf returns what a span voice.turn tells, by its attributes and events. The end of the user's speech
// is the last one before the agent started, from which the response latency is measured. Attributes of
// another type than the registry's are unknown.
func TurnOf(start, end time.Time, attrs []attribute.KeyValue, events []Event) Turn {
	t := Turn{Start: start, End: end}
	interruption := Interruption{}
	interrupted := false
	for _, kv := range attrs {
		switch kv.Key {
		case semconv.VoiceTurnIndexKey:
			t.Index = int(kv.Value.AsInt64())
		case semconv.VoiceTurnOutcomeKey:
			t.Outcome = kv.Value.AsString()
		case semconv.VoiceTurnInitiatorKey:
			t.IsAgents = kv.Value.AsString() == semconv.VoiceTurnInitiatorAgent
		case semconv.VoiceTurnResponseLatencyKey:
			t.ResponseLatency = seconds(kv.Value)
		case semconv.VoiceInterruptionSourceKey:
			interruption.Source, interrupted = kv.Value.AsString(), true
		case semconv.VoiceInterruptionStopTimeKey:
			interruption.StopTime = seconds(kv.Value)
		case semconv.VoicePlayoutPositionKey:
			interruption.Played = seconds(kv.Value)
		}
	}
	first := func(to *time.Time, at time.Time) {
		if to.IsZero() || at.Before(*to) {
			*to = at
		}
	}
	for _, e := range events {
		switch e.Name {
		case semconv.EventVoiceUserStarted:
			first(&t.UserStarted, e.Time)
		case semconv.EventVoiceAgentStarted:
			first(&t.AgentStarted, e.Time)
		case semconv.EventVoiceInterruption:
			first(&interruption.At, e.Time)
		case semconv.EventVoiceAgentStopped:
			if e.Time.After(t.AgentStopped) {
				t.AgentStopped = e.Time
			}
		}
	}
	t.UserStopped = endOfSpeech(events, t.AgentStarted)
	if interrupted {
		t.Interruption = &interruption
	}
	return t
}

// endOfSpeech returns the last end of the user's speech before the agent started, else the last one.
func endOfSpeech(events []Event, agentStarted time.Time) (stopped time.Time) {
	var last time.Time
	for _, e := range events {
		if e.Name != semconv.EventVoiceUserStopped {
			continue
		}
		if e.Time.After(last) {
			last = e.Time
		}
		if e.Time.After(stopped) && !e.Time.After(agentStarted) {
			stopped = e.Time
		}
	}
	if stopped.IsZero() {
		return last
	}
	return stopped
}

// seconds returns a number of seconds, or nil if it is no duration.
func seconds(v attribute.Value) *time.Duration {
	var s float64
	switch v.Type() {
	case attribute.FLOAT64:
		s = v.AsFloat64()
	case attribute.INT64:
		s = float64(v.AsInt64())
	default:
		return nil
	}
	if ns := math.Round(s * 1e9); math.Abs(ns) < math.MaxInt64 {
		return new(time.Duration(ns))
	}
	return nil
}

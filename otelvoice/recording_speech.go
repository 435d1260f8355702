// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/semconv"
)

// recordedSpeech appends where the speech of the turn is in the recording of the session, as far as that is
// known. What is from another clock than the turn is counted as dropped.
func (t *Turn) recordedSpeech(attrs []attribute.KeyValue) []attribute.KeyValue {
	r := t.session.recording.Load()
	if r == nil || r.start.IsZero() {
		return attrs
	}
	add := func(at time.Time, known bool, key attribute.Key) {
		if !known || at.IsZero() {
			return
		}
		if reason := t.talk.span.Drop(at); reason != "" {
			t.session.tel.emit.Dropped(t.ctx, key, reason)
		} else if !at.Before(r.start) {
			attrs = append(attrs, key.Float64(at.Sub(r.start).Seconds()))
		}
	}
	t.mu.Lock()
	started, hasStarted := t.marks.First(latency.UserStarted)
	stopped, hasStopped := t.marks.EndOfSpeech()
	heard, isHeard := t.marks.AgentStarted()
	silent, isSilent := t.marks.Last(latency.AgentStopped)
	interrupted, isInterrupted := t.interruption.at, t.account.Interrupted()
	t.mu.Unlock()
	add(started.At, hasStarted, semconv.VoiceRecordingUserStartedKey)
	add(stopped.At, hasStopped, semconv.VoiceRecordingUserStoppedKey)
	add(heard, isHeard, semconv.VoiceRecordingAgentStartedKey)
	add(silent.At, isSilent, semconv.VoiceRecordingAgentStoppedKey)
	add(interrupted, isInterrupted, semconv.VoiceRecordingInterruptionKey)
	return attrs
}

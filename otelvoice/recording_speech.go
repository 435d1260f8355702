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
// known.
func (t *Turn) recordedSpeech(attrs []attribute.KeyValue) []attribute.KeyValue {
	r := t.session.recording.Load()
	if r == nil || r.start.IsZero() {
		return attrs
	}
	add := func(at time.Time, known bool, attr func(float64) attribute.KeyValue) {
		if known && !at.IsZero() && !at.Before(r.start) {
			attrs = append(attrs, attr(at.Sub(r.start).Seconds()))
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	started, known := t.marks.First(latency.UserStarted)
	add(started.At, known, semconv.VoiceRecordingUserStarted)
	stopped, known := t.marks.EndOfSpeech()
	add(stopped.At, known, semconv.VoiceRecordingUserStopped)
	heard, known := t.marks.AgentStarted()
	add(heard, known, semconv.VoiceRecordingAgentStarted)
	silent, known := t.marks.Last(latency.AgentStopped)
	add(silent.At, known, semconv.VoiceRecordingAgentStopped)
	add(t.interruption.at, t.account.Interrupted(), semconv.VoiceRecordingInterruption)
	return attrs
}

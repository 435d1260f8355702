// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording_test

import (
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
	"github.com/voice-agents/telemetry/semconv"
)

// The stop time that a span tells counts from the start of the user's speech, and that from the interruption only
// if the span has none.
func TestStopTimeOfASpan(t *testing.T) {
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	events := []recording.Event{
		{Name: semconv.EventVoiceUserStarted, Time: at(1000)},
		{Name: semconv.EventVoiceUserStopped, Time: at(2000)},
		{Name: semconv.EventVoiceAgentStarted, Time: at(3000)},
		{Name: semconv.EventVoiceInterruption, Time: at(5200)},
		{Name: semconv.EventVoiceAgentStopped, Time: at(5400)},
	}
	sound := &recording.Sound{
		Duration: 10 * time.Second,
		User:     []recording.Interval{{Start: time.Second, End: 2 * time.Second}, {Start: 5 * time.Second, End: 7 * time.Second}},
		Agent:    []recording.Interval{{Start: 3 * time.Second, End: 5400 * time.Millisecond}},
	}
	for name, test := range map[string]struct {
		attrs []attribute.KeyValue
		want  time.Duration
	}{
		"told":         {[]attribute.KeyValue{semconv.VoiceInterruptionStopTime(0.4)}, 400 * time.Millisecond},
		"not told":     {nil, 200 * time.Millisecond},
		"told as text": {[]attribute.KeyValue{semconv.VoiceInterruptionStopTimeKey.String("0.4")}, 200 * time.Millisecond},
		"negative":     {[]attribute.KeyValue{semconv.VoiceInterruptionStopTime(-1)}, 200 * time.Millisecond},
	} {
		turn := recording.TurnOf(at(1000), at(5500), append(test.attrs, semconv.VoiceInterruptionSource("audio_activity")), events)
		report, err := recording.Compare([]recording.Turn{turn}, sound, start)
		if err != nil {
			t.Fatal(err)
		}
		got := report.Rows[0].StopTime
		if got.Told == nil || *got.Told != test.want || got.Measured == nil || *got.Measured != 400*time.Millisecond {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// The call starts 2 s after the recording, unless the test says otherwise.
func TestOffsetsOfSpeechInTheRecording(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name  string
		start time.Duration // Of the recording, after that of the call; above 0 there is none.
		marks func(turn *otelvoice.Turn, at func(time.Duration) time.Time)
		want  string // The user's speech, the agent's, and the interruption.
	}{
		{"a turn", -2000 * ms, func(turn *otelvoice.Turn, at func(time.Duration) time.Time) {
			turn.MarkAt(otelvoice.UserStarted, at(1000*ms))
			turn.VADStopped(at(2400*ms), 400*ms)
			turn.MarkAt(otelvoice.AgentStarted, at(2750*ms))
			turn.MarkAt(otelvoice.AgentStopped, at(4000*ms))
		}, "3 4 4.75 6 -"},
		{"an interrupted turn", -2000 * ms, func(turn *otelvoice.Turn, at func(time.Duration) time.Time) {
			turn.MarkAt(otelvoice.UserStarted, at(1000*ms))
			turn.UserStopped(at(2000*ms), otelvoice.AnchorVAD)
			turn.MarkAt(otelvoice.AgentStarted, at(2750*ms))
			turn.Interrupt(otelvoice.AudioActivity, otelvoice.InterruptedAt(at(3900*ms)))
			turn.MarkAt(otelvoice.AgentStopped, at(4000*ms))
		}, "3 4 4.75 6 5.9"},
		{"a false interruption", -2000 * ms, func(turn *otelvoice.Turn, at func(time.Duration) time.Time) {
			turn.MarkAt(otelvoice.AgentStarted, at(2750*ms))
			turn.Interrupt(otelvoice.AudioActivity)
			turn.FalseInterruption()
		}, "- - 4.75 - -"},
		{"a user who pauses", -2000 * ms, func(turn *otelvoice.Turn, at func(time.Duration) time.Time) {
			turn.MarkAt(otelvoice.UserStarted, at(1000*ms))
			turn.UserStopped(at(2000*ms), otelvoice.AnchorVAD)
			turn.MarkAt(otelvoice.UserStarted, at(2200*ms))
			turn.UserStopped(at(3000*ms), otelvoice.AnchorVAD)
			turn.MarkAt(otelvoice.AgentStarted, at(3500*ms))
			turn.UserStopped(at(4500*ms), otelvoice.AnchorVAD) // Over the agent.
		}, "3 5 5.5 - -"},
		{"marks in another order", -2000 * ms, func(turn *otelvoice.Turn, at func(time.Duration) time.Time) {
			turn.MarkAt(otelvoice.AgentStopped, at(4000*ms))
			turn.MarkAt(otelvoice.AgentStarted, at(2750*ms))
			turn.UserStopped(at(2000*ms), otelvoice.AnchorVAD)
			turn.MarkAt(otelvoice.UserStarted, at(1000*ms))
		}, "3 4 4.75 6 -"},
		{"a recording that began while the user spoke", -1 * ms, func(turn *otelvoice.Turn, at func(time.Duration) time.Time) {
			turn.MarkAt(otelvoice.UserStarted, at(-500*ms))
			turn.UserStopped(at(999*ms), otelvoice.AnchorVAD)
		}, "- 1 - - -"},
		{"no marks", -2000 * ms, func(*otelvoice.Turn, func(time.Duration) time.Time) {}, "- - - - -"},
		{"no recording", 1, func(turn *otelvoice.Turn, at func(time.Duration) time.Time) {
			turn.MarkAt(otelvoice.UserStarted, at(1000*ms))
			turn.MarkAt(otelvoice.AgentStarted, at(2750*ms))
		}, "- - - - -"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				start := time.Now()
				ctx, session := tel.StartSession(t.Context())
				if tt.start <= 0 {
					session.SetRecording("", start.Add(tt.start), 2)
				}
				_, turn := session.StartTurn(ctx)
				wait(5000)
				tt.marks(turn, start.Add)
				turn.End()
				session.End()
				voicetest.Check(t, rec)
				attrs := span(t, rec, semconv.SpanVoiceTurn)
				var got []string
				for _, key := range []attribute.Key{
					semconv.VoiceRecordingUserStartedKey, semconv.VoiceRecordingUserStoppedKey,
					semconv.VoiceRecordingAgentStartedKey, semconv.VoiceRecordingAgentStoppedKey, semconv.VoiceRecordingInterruptionKey,
				} {
					text := "-"
					if v, ok := attrs[key]; ok {
						text = fmt.Sprint(v.AsFloat64())
					}
					got = append(got, text)
				}
				if got := strings.Join(got, " "); got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
			})
		})
	}
}

// Marks of a clock that jumped are in no recording, as they are no talk.
func TestSpeechOfAnotherClockIsNotInTheRecording(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		ctx, session := tel.StartSession(t.Context())
		session.SetRecording("", time.Now(), 2)
		_, turn := session.StartTurn(ctx)
		wait(5000)
		turn.MarkAt(otelvoice.UserStarted, time.Now().Add(time.Millisecond))
		turn.MarkAt(otelvoice.UserStopped, time.Unix(0, 0))
		turn.MarkAt(otelvoice.AgentStarted, time.Now())
		turn.MarkAt(otelvoice.AgentStopped, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
		turn.Interrupt(otelvoice.AudioActivity, otelvoice.InterruptedAt(time.Now().Add(100*365*24*time.Hour)))
		turn.End()
		session.End()
		if got, want := toldOf(rec, "voice.turn", "recording."), "recording.agent.started=5 recording.offset=0"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		for _, key := range []attribute.Key{
			semconv.VoiceRecordingUserStartedKey, semconv.VoiceRecordingUserStoppedKey,
			semconv.VoiceRecordingAgentStoppedKey, semconv.VoiceRecordingInterruptionKey,
		} {
			if got, want := points(rec, "voice.measurements.dropped"), "voice.drop.reason=out_of_range voice.measurement="+string(key)+" 1"; !strings.Contains(got, want) {
				t.Errorf("dropped:\n%s\nwant %s", got, want)
			}
		}
	})
}

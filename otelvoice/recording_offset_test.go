// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// The call starts at 09:00:00; a turn starts 2 s later, and its LLM stage 3 s after the start.
func TestSetRecording(t *testing.T) {
	const uri = "s3://calls/1.wav"
	for _, tt := range []struct {
		name    string
		set     func(s *otelvoice.Session, start time.Time) // 1 s after the start.
		session string                                      // URI, start as an offset, channels.
		offsets string                                      // Of the turn and the stage.
		dropped string
	}{
		{"from the start", func(s *otelvoice.Session, at time.Time) { s.SetRecording(uri, at, 2) }, uri + " 0s 2", "2 3", ""},
		{"before the call", func(s *otelvoice.Session, at time.Time) { s.SetRecording(uri, at.Add(-1500*time.Millisecond), 1) }, uri + " -1.5s 1", "3.5 4.5", ""},
		{"during the call", func(s *otelvoice.Session, at time.Time) { s.SetRecording(uri, at.Add(time.Second), 2) }, uri + " 1s 2", "1 2", ""},
		{"an unknown start", func(s *otelvoice.Session, _ time.Time) { s.SetRecording(uri, time.Time{}, 0) }, uri + " - -", "- -", ""},
		{"nothing", func(s *otelvoice.Session, _ time.Time) { s.SetRecording("", time.Time{}, 0) }, "- - -", "- -", ""},
		{"in the future", func(s *otelvoice.Session, at time.Time) { s.SetRecording(uri, at.Add(time.Hour), 2) }, uri + " - 2", "- -", "negative voice.recording.start"},
		{"long before the call", func(s *otelvoice.Session, at time.Time) { s.SetRecording(uri, at.Add(-61*time.Minute), 2) }, uri + " - 2", "- -", "too_long voice.recording.start"},
		{"a negative number of channels", func(s *otelvoice.Session, at time.Time) { s.SetRecording(uri, at, -1) }, uri + " 0s -", "2 3", "negative voice.recording.channels"},
		{"65 channels", func(s *otelvoice.Session, at time.Time) { s.SetRecording(uri, at, 65) }, uri + " 0s -", "2 3", "out_of_range voice.recording.channels"},
		{"no URI", func(s *otelvoice.Session, at time.Time) { s.SetRecording("http://[::1", at, 2) }, "- 0s 2", "2 3", "malformed voice.recording.uri"},
		{
			"a URI that is too long", func(s *otelvoice.Session, at time.Time) { s.SetRecording("s3://"+strings.Repeat("a", 2048), at, 2) },
			"- 0s 2", "2 3", "out_of_range voice.recording.uri",
		},
		{
			"in two steps", func(s *otelvoice.Session, at time.Time) {
				s.SetRecording("", at, 0)
				s.SetRecording(uri, at, 2)
			}, uri + " 0s 2", "2 3", "",
		},
		{
			"twice", func(s *otelvoice.Session, at time.Time) {
				s.SetRecording(uri, at, 2)
				s.SetRecording(uri, at.Add(time.Second), 2)
			}, uri + " 0s 2", "2 3", "out_of_range voice.recording.start",
		},
		{
			"with credentials", func(s *otelvoice.Session, at time.Time) {
				s.SetRecording("https://bob:hunter2@calls.example.com/1.wav?X-Amz-Signature=4f3e2d1c&x=y#top", at, 2)
			}, "https://calls.example.com/1.wav 0s 2", "2 3", "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				start := time.Now()
				ctx, session := tel.StartSession(t.Context())
				wait(1000)
				tt.set(session, start)
				wait(1000)
				ctx, turn := session.StartTurn(ctx)
				wait(1000)
				_, llm := turn.StartLLM(ctx, gpt)
				llm.End(nil)
				turn.End()
				session.End()
				voicetest.Check(t, rec)
				voicetest.NoSecrets(t, rec, "bob", "hunter2", "4f3e2d1c")
				attrs, told := span(t, rec, semconv.SpanVoiceSession), []string{"-", "-", "-"}
				if v, ok := attrs[semconv.VoiceRecordingURIKey]; ok {
					told[0] = v.AsString()
				}
				if v, ok := attrs[semconv.VoiceRecordingStartKey]; ok {
					at, err := time.Parse(time.RFC3339Nano, v.AsString())
					if err != nil {
						t.Error(err)
					}
					told[1] = at.Sub(start).String()
				}
				if v, ok := attrs[semconv.VoiceRecordingChannelsKey]; ok {
					told[2] = fmt.Sprint(v.AsInt64())
				}
				if got := strings.Join(told, " "); got != tt.session {
					t.Errorf("session: got %s, want %s", got, tt.session)
				}
				offsets := []string{"-", "-"}
				for i, name := range []string{semconv.SpanVoiceTurn, "chat gpt-4o-mini"} {
					if v, ok := span(t, rec, name)[semconv.VoiceRecordingOffsetKey]; ok {
						offsets[i] = fmt.Sprint(v.AsFloat64())
					}
				}
				if got := strings.Join(offsets, " "); got != tt.offsets {
					t.Errorf("offsets: got %s, want %s", got, tt.offsets)
				}
				dropped := ""
				if reason, key, ok := strings.Cut(tt.dropped, " "); ok {
					dropped = "voice.drop.reason=" + reason + " voice.measurement=" + key + " 1"
				}
				if got := points(rec, "voice.measurements.dropped"); got != dropped {
					t.Errorf("dropped: got %s, want %s", got, dropped)
				}
			})
		})
	}
}

// A turn that started before the recording has no offset; its stage that started later has one.
func TestRecordingThatBeginsDuringATurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		ctx, session := tel.StartSession(t.Context())
		ctx, turn := session.StartTurn(ctx)
		wait(1000)
		session.SetRecording("s3://calls/1.wav", time.Now(), 2)
		wait(250)
		_, llm := turn.StartLLM(ctx, gpt)
		llm.End(nil)
		turn.End()
		session.End()
		if v, ok := span(t, rec, semconv.SpanVoiceTurn)[semconv.VoiceRecordingOffsetKey]; ok {
			t.Errorf("the turn has the offset %v", v.AsFloat64())
		}
		if got := span(t, rec, "chat gpt-4o-mini")[semconv.VoiceRecordingOffsetKey].AsFloat64(); got != 0.25 {
			t.Errorf("the stage has the offset %v, want 0.25", got)
		}
	})
}

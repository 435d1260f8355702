// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// An utterance never ends before it begins, whatever the order of its offsets.
func TestOffsetsOfAnUtterance(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name string
		mark func(stt *otelvoice.STT)
		want string // Its start, end and duration.
	}{
		{"in order", func(stt *otelvoice.STT) { stt.SpeechStarted(100 * ms); stt.SpeechStopped(300 * ms) }, "0.1 0.3 0.2"},
		{"the end first", func(stt *otelvoice.STT) { stt.SpeechStopped(300 * ms); stt.SpeechStarted(100 * ms) }, "0.1 0.3 0.2"},
		{"the end of speech before, and no other", func(stt *otelvoice.STT) { stt.SpeechStopped(100 * ms); stt.SpeechStarted(300 * ms) }, "0.3 <nil> <nil>"},
		{"the end of speech before, and its own", func(stt *otelvoice.STT) {
			stt.SpeechStopped(100 * ms)
			stt.SpeechStarted(300 * ms)
			stt.SpeechStopped(400 * ms)
		}, "0.3 0.4 0.1"},
		{"an end that lies before the beginning", func(stt *otelvoice.STT) { stt.SpeechStarted(300 * ms); stt.SpeechStopped(100 * ms) }, "0.3 <nil> <nil>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				ctx, session := tel.StartSession(t.Context())
				_, stream := session.StartSTTStream(ctx, nova3)
				stream.Connected()
				_, turn := session.StartTurn(ctx)
				_, stt := stream.Utterance(ctx, turn)
				stream.AddFrame(time.Second, time.Time{})
				tt.mark(stt)
				stt.End(nil)
				turn.End()
				session.End()
				voicetest.Check(t, rec)
				attrs := span(t, rec, "speech_to_text nova-3")
				got := fmt.Sprint(attrs[semconv.VoiceSTTSpeechStartKey].AsInterface(), " ", attrs[semconv.VoiceSTTSpeechEndKey].AsInterface(),
					" ", attrs[semconv.VoiceSTTAudioDurationKey].AsInterface())
				if got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
			})
		})
	}
}

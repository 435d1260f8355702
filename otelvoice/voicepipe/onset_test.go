// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// buffered is an output that returns before a frame was played.
type buffered struct{}

func (buffered) Play(context.Context, voiceprovider.Frame) error { return nil }

// The greeting is heard from its first audible sample on. Its first byte comes after 100 ms.
func TestFirstAudibleSampleIsTheStart(t *testing.T) {
	begin := step[voiceprovider.Frame]{after: 100 * ms}
	speaks := func(frames ...voiceprovider.Frame) (script []step[voiceprovider.Frame]) {
		for _, f := range frames {
			begin.value = f
			script = append(script, begin)
			begin.after = 0
		}
		begin.after = 100 * ms
		return script
	}
	both := func(silence, voice time.Duration) voiceprovider.Frame {
		f := quiet(silence)
		f.Data = append(f.Data, sound(voice).Data...)
		return f
	}
	compressed := voiceprovider.Frame{Format: otelvoice.AudioFormat{Codec: "opus"}, Data: []byte{1, 2, 3}}
	for _, tt := range []struct {
		name   string
		script []step[voiceprovider.Frame]
		out    voicepipe.Output
		cut    time.Duration // When the user starts to speak; 0 is never.
		want   string        // The start and the stop, in ms of the call.
	}{
		{"no silence", speaks(sound(time.Second)), nil, 0, "100-1100"},
		{"silence in the first piece", speaks(both(70*ms, 930*ms)), nil, 0, "170-1100"},
		{"silence in more than a piece", speaks(both(270*ms, 730*ms)), nil, 0, "370-1100"},
		{"silence in frames of 20 ms", speaks(quiet(20*ms), quiet(20*ms), both(10*ms, 10*ms), sound(500*ms)), nil, 0, "150-660"},
		{"cut in the silence", speaks(both(90*ms, 910*ms)), nil, 150 * ms, "-"},
		{"cut after the silence", speaks(both(90*ms, 910*ms)), nil, 195 * ms, "190-195"},
		{"a voice that is quieter than silence", speaks(quiet(time.Second)), nil, 0, "100-1100"},
		{"such a voice, cut", speaks(quiet(time.Second)), nil, 500 * ms, "100-500"},
		{"a compressed codec", speaks(compressed, compressed), nil, 0, "100-100"},
		{"an output that buffers", speaks(both(70*ms, 930*ms)), buffered{}, 0, "170-170"},
		{"an output that buffers, and a pause", append(speaks(quiet(70*ms)), step[voiceprovider.Frame]{after: 200 * ms, value: sound(ms)}), buffered{}, 0, "300-300"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.tts = nil
				w.speaks(&tts{scripts: [][]step[voiceprovider.Frame]{tt.script}})
				w.cfg.Greeting, w.cfg.MinInterruption = "Good evening.", -1
				if tt.out != nil {
					w.out = tt.out
				}
				w.call(func() {
					if tt.cut > 0 {
						pass(tt.cut)
						w.send(voicepipe.Event{Kind: voicepipe.SpeechStarted})
					}
					pass(2 * time.Second)
				})
				voicetest.Check(t, w.rec)
				var got []string
				for _, e := range w.rec.Named(semconv.SpanVoiceTurn)[0].Events() {
					if e.Name == semconv.EventVoiceAgentStarted || e.Name == semconv.EventVoiceAgentStopped {
						got = append(got, fmt.Sprint(e.Time.Sub(w.began).Milliseconds()))
					}
				}
				if got := strings.Join(got, "-"); got != tt.want && (got != "" || tt.want != "-") {
					t.Errorf("got %s, want %s", got, tt.want)
				}
			})
		})
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler_test

import (
	"errors"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
	"github.com/voice-agents/telemetry/semconv"
)

// TestErrorOfASynthesizer is for errors that belong to no text: why the connection ends, unless the provider goes on.
func TestErrorOfASynthesizer(t *testing.T) {
	request := &wire.Request{Stage: wire.TTS, Provider: "elevenlabs", Model: "flash", Format: mulaw}
	text := func(of string) []*wire.Event {
		return []*wire.Event{{Kind: wire.Requested, Of: of, Request: request}, {Kind: wire.Audio, Of: of, Data: make([]byte, 160)}}
	}
	quota := &wire.Event{Kind: wire.Failed, Name: "quota_exceeded"}
	for _, tt := range []struct {
		name               string
		events             []*wire.Event
		closed             error
		stream, utterance  string // error.type
		outcome, refusedBy string
	}{
		{"the provider closes the connection", append(text("a"), quota), errors.New("1008"), "quota_exceeded", "quota_exceeded", "failed", ""},
		{"the program closes the connection", []*wire.Event{quota}, nil, "quota_exceeded", "", "failed", ""},
		{"the provider goes on", append([]*wire.Event{quota}, append(text("a"), &wire.Event{Kind: wire.Ended, Of: "a"})...), nil, "", "", "completed", ""},
		{"of a text", append(text("a"), &wire.Event{Kind: wire.Failed, Of: "a", Name: "voice_not_found"}), nil, "", "voice_not_found", "completed", ""},
		{"of a setting", []*wire.Event{{Kind: wire.Refused, Name: "invalid_speed"}}, nil, "", "", "completed", "invalid_speed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := record(t, assembler.Config{}, func(w *world) {
				s := w.call.Connect(request, time.Time{})
				s.Opened("req_1")
				for _, e := range tt.events {
					w.pass(20 * ms)
					s.Event(e)
				}
				s.Measured(&assembler.Measures{ClosedBy: assembler.ByPeer})
				s.Closed(tt.closed)
				w.pass(20 * ms)
			})
			const stream, errorType = "text_to_speech_stream flash", string(semconv.ErrorTypeKey)
			if got := valueOf(rec, stream, errorType); got != tt.stream {
				t.Errorf("the error of the connection is %q, want %q", got, tt.stream)
			}
			if got := valueOf(rec, stream, string(semconv.VoiceStreamOutcomeKey)); got != tt.outcome {
				t.Errorf("the connection is %q, want %q", got, tt.outcome)
			}
			if got := valueOf(rec, "text_to_speech flash", errorType); got != tt.utterance {
				t.Errorf("the error of the text is %q, want %q", got, tt.utterance)
			}
			var refused string
			for _, e := range rec.Named(stream)[0].Events() {
				if e.Name == semconv.EventVoiceStreamRefused {
					refused = e.Attributes[0].Value.AsString()
				}
			}
			if refused != tt.refusedBy {
				t.Errorf("%q is refused, want %q", refused, tt.refusedBy)
			}
		})
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// An agent that gives up an answer does not wait for each of its goroutines. A goroutine that then sends
// a request with the cancelled context sends nothing, and its stage would be late.
func TestRequestAfterTheTurn(t *testing.T) {
	for _, tt := range []struct {
		name      string
		cancelled bool
		ownStage  bool // The program opened a stage, which ended with the turn.
		stages    int
		late      bool
	}{
		{name: "cancelled", cancelled: true},
		{name: "cancelled, in an ended stage", cancelled: true, ownStage: true, stages: 1},
		{name: "sent", stages: 1, late: true},
		{name: "sent, in an ended stage", ownStage: true, stages: 2, late: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			transport := voicehttp.Transport(tel.Telemetry, roundTripper(func(r *http.Request) (*http.Response, error) {
				if err := r.Context().Err(); err != nil {
					return nil, err
				}
				return answers(http.StatusOK, "audio/pcm", halfSecond)(r)
			}))
			ctx, session := tel.StartSession(t.Context())
			ctx, turn := session.StartTurn(ctx)
			ctx, cancel := context.WithCancelCause(ctx)
			defer cancel(nil)
			if tt.ownStage {
				ctx, _ = turn.StartTTS(ctx, otelvoice.Model{Provider: "elevenlabs", Name: "eleven_flash_v2_5"})
			}
			if tt.cancelled {
				cancel(otelvoice.ErrInterrupted)
			}
			turn.End()

			r, err := http.NewRequestWithContext(ctx, http.MethodPost, speechURL, strings.NewReader(`{"text":"Good evening.","model_id":"eleven_flash_v2_5"}`))
			if err != nil {
				t.Fatal(err)
			}
			res, err := transport.RoundTrip(r)
			if err == nil {
				drain(res)
			}
			if (err != nil) != tt.cancelled {
				t.Errorf("the request ended with %v", err)
			}
			session.End()
			if got := len(rec.Named("text_to_speech eleven_flash_v2_5")); got != tt.stages {
				t.Errorf("%d stages, want %d", got, tt.stages)
			}
			late := false
			for _, s := range rec.Spans() {
				for _, kv := range s.Attributes() {
					late = late || kv.Key == semconv.VoiceStartedLateKey
				}
			}
			if late != tt.late {
				t.Errorf("a span is late: %t, want %t", late, tt.late)
			}
		})
	}
}

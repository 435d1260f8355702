// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package oteldeepgram_test

import (
	"testing"

	listen "github.com/deepgram/deepgram-go-sdk/v3/pkg/api/listen/v1/websocket/interfaces"
	"github.com/deepgram/deepgram-go-sdk/v3/pkg/client/interfaces"

	"github.com/voice-agents/telemetry/oteldeepgram"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
	"github.com/voice-agents/telemetry/semconv"
)

// In the context of a call, the call makes the turns.
func TestWrapContext(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	ctx, call := voicews.NewCall(t.Context(), sdk.Telemetry)
	callback := oteldeepgram.WrapContext(ctx, &interfaces.LiveTranscriptionOptions{Model: "nova-3", Encoding: "mulaw", SampleRate: 8000}, nil)
	for _, err := range []error{
		callback.Open(&listen.OpenResponse{}),
		callback.SpeechStarted(&listen.SpeechStartedResponse{Timestamp: 0.2}),
		callback.Message(message(false, false, "a table")),
		callback.Message(message(true, true, "a table for two")),
		callback.UtteranceEnd(&listen.UtteranceEndResponse{LastWordEnd: 1.2}),
		callback.Metadata(&listen.MetadataResponse{RequestID: "req", Duration: 2}),
		callback.Error(&listen.ErrorResponse{ErrCode: "NET0001"}),
		callback.UnhandledEvent(nil),
		callback.Close(&listen.CloseResponse{}),
		callback.Message(message(true, true, "after the end")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	call.End()
	voicetest.Check(t, rec)
	if turns := rec.Named(semconv.SpanVoiceTurn); len(turns) != 1 {
		t.Errorf("%d turns, want 1", len(turns))
	}
	if heard := rec.Named(semconv.SpanSpeechToText("nova-3")); len(heard) != 1 {
		t.Errorf("%d utterances, want 1", len(heard))
	}
}

// Without a call and without a session, the program's callback is used as it is.
func TestWrapContextWithoutCall(t *testing.T) {
	if got := oteldeepgram.WrapContext(t.Context(), nil, nil); got != nil {
		t.Errorf("%T", got)
	}
}

func message(isFinal, isSpeechFinal bool, text string) *listen.MessageResponse {
	return &listen.MessageResponse{
		IsFinal: isFinal, SpeechFinal: isSpeechFinal, Start: 0.2, Duration: 1,
		Channel: listen.Channel{Alternatives: []listen.Alternative{{Transcript: text, Confidence: 0.9}}},
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package oteldeepgram_test

import (
	"context"
	"fmt"

	listen "github.com/deepgram/deepgram-go-sdk/v3/pkg/api/listen/v1/websocket/interfaces"
	"github.com/deepgram/deepgram-go-sdk/v3/pkg/client/interfaces"

	"github.com/voice-agents/telemetry/oteldeepgram"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// agent is the callback of a program.
type agent struct {
	listen.LiveMessageCallback // Of the messages that the program does not use.

	session *otelvoice.Session
}

// Message answers the user. The turn of the utterance is the session's.
func (a agent) Message(mr *listen.MessageResponse) error {
	if !mr.SpeechFinal {
		return nil
	}
	turn := otelvoice.TurnFromContext(a.session.Context(context.Background()))
	defer turn.End()
	fmt.Printf("turn %d: %s\n", turn.Index(), mr.Channel.Alternatives[0].Transcript)
	return nil
}

// The SDK calls the Recognizer, which calls the program's callback.
func ExampleWrap() {
	ctx := context.Background()
	tel, err := voicesdk.Setup(ctx, voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(ctx) }()
	_, session := tel.StartSession(ctx)
	defer session.End()

	options := &interfaces.LiveTranscriptionOptions{Model: "nova-3", Encoding: "linear16", SampleRate: 16000}
	recognizer := oteldeepgram.Wrap(session, options, agent{session: session})
	// Pass the recognizer to listen.NewWSUsingCallback, and the audio by recognizer.Reader to the
	// client's Stream. For a message of Deepgram the SDK calls:
	_ = recognizer.Message(&listen.MessageResponse{
		IsFinal: true, SpeechFinal: true, Duration: 1.2,
		Channel: listen.Channel{Alternatives: []listen.Alternative{{Transcript: "A table for two.", Confidence: 0.98}}},
	})
	recognizer.End(nil)
	// Output: turn 1: A table for two.
}

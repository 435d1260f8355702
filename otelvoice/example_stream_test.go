// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"fmt"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// A recogniser's connection lasts as long as the call. Every frame that is sent is added to the
// stream. A final transcript has the offsets of the words in the audio.
func ExampleSession_StartSTTStream() {
	ctx := context.Background()
	tel, err := voicesdk.Setup(ctx, voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(ctx) }()
	ctx, session := tel.StartSession(ctx)
	defer session.End()

	dctx, stream := session.StartSTTStream(ctx, otelvoice.Model{Provider: "deepgram", Name: "nova-3"})
	defer stream.End(nil)
	stream.SetAudio(otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16, SampleRate: 16000, Channels: 1})
	_ = dctx // Dial with dctx, then report the connection:
	stream.Connected()

	// The sending goroutine adds each frame to the stream.
	frame := make([]byte, 640)
	captured := time.Now().Add(-5 * time.Millisecond) // The time at which the microphone captured the frame's end.
	stream.AddAudioAt(frame, captured)

	// The receiving goroutine records the transcript in its turn.
	tctx, turn := session.StartTurn(ctx)
	defer turn.End()
	_, stt := stream.Utterance(tctx, turn)
	stt.SpeechStarted(0)                                       // Deepgram: words[0].start
	stopped, known := stt.SpeechStopped(20 * time.Millisecond) // The end of the last word.
	stt.Final()
	stt.End(nil)
	fmt.Println(known, stopped.Equal(captured))
	// Output: true true
}

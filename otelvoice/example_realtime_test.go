// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"fmt"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// A response of a speech-to-speech model, whose detector has ended the user's turn.
func ExampleTurn_StartRealtime() {
	rec := voicetest.NewRecorder()
	tel, err := voicesdk.Setup(context.Background(), append(rec.Options(), voicesdk.WithoutConsole())...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(context.Background()) }()
	ctx, session := tel.StartSession(context.Background())
	ctx, turn := session.StartTurn(ctx)
	turn.VADStopped(time.Now(), 200*time.Millisecond)
	turn.Mark(otelvoice.TurnCommitted)

	_, response := turn.StartRealtime(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-realtime"})
	response.SetSessionID("sess_1")
	response.SetAudio(otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16, SampleRate: 24000, Channels: 1})
	response.AddAudio(make([]byte, 4800))
	turn.Mark(otelvoice.AgentStarted)
	response.SetUsage(otelvoice.UsageOpenAI(`{"input_tokens":132,"output_tokens":121}`))
	response.SetResponse("resp_1", "gpt-realtime-2025-08-28", "completed")
	response.End(nil)
	turn.End()
	session.End()

	stage := turn.Stages()[0]
	fmt.Println(stage.Stage, stage.Outcome, *stage.OutputTokens, *stage.AudioDuration)
	fmt.Println(rec.Shape())
	// Output:
	// realtime completed 121 100ms
	// voice.session INTERNAL
	//   voice.turn INTERNAL
	//     realtime_inference gpt-realtime CLIENT
}

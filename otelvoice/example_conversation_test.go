// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// The user speaks for two seconds, waits four seconds for the agent, and hears it for six.
func ExampleWithDeadAir() {
	rec := voicetest.NewRecorder()
	tel := setup(append(rec.Options(), voicesdk.WithLogWriter(io.Discard),
		voicesdk.WithInstrumentation(otelvoice.WithDeadAir(2*time.Second)))...)
	start := time.Now().Add(-20 * time.Second)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	ctx, session := tel.StartSession(context.Background(), otelvoice.WithStartTime(start))
	_, turn := session.StartTurn(ctx, otelvoice.WithStartTime(at(1)))
	turn.MarkAt(otelvoice.UserStarted, at(1))
	turn.MarkAt(otelvoice.UserStopped, at(3))
	turn.MarkAt(otelvoice.AgentStarted, at(7))
	turn.MarkAt(otelvoice.AgentStopped, at(13))
	turn.End()
	session.End()
	fmt.Println(told(rec)("voice.talk.agent.ratio", "voice.dead_air.count", "voice.dead_air.duration")...)
	// Output: 0.75 1 4
}

// The user speaks over the agent, which is silent 300 ms later.
func ExampleSpokenSince() {
	rec := voicetest.NewRecorder()
	tel := setup(append(rec.Options(), voicesdk.WithLogWriter(io.Discard))...)
	ctx, session := tel.StartSession(context.Background())
	start := time.Now().Add(-5 * time.Second)
	_, turn := session.StartTurn(ctx, otelvoice.WithStartTime(start), otelvoice.AgentInitiated())
	turn.MarkAt(otelvoice.AgentStarted, start)
	spoke := start.Add(2 * time.Second) // What the detector of speech says.
	turn.Interrupt(otelvoice.AudioActivity, otelvoice.InterruptedAt(spoke.Add(200*time.Millisecond)), otelvoice.SpokenSince(spoke))
	turn.MarkAt(otelvoice.AgentStopped, spoke.Add(300*time.Millisecond))
	turn.End()
	session.End()
	for _, kv := range rec.Named("voice.turn")[0].Attributes() {
		if kv.Key == "voice.interruption.stop_time" {
			fmt.Println(kv.Value.AsFloat64())
		}
	}
	// Output: 0.3
}

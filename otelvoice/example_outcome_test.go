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
	"github.com/voice-agents/telemetry/semconv"
)

// told returns the attributes of the session's span whose keys are given.
func told(rec *voicetest.Recorder) func(keys ...string) []any {
	return func(keys ...string) (values []any) {
		for _, key := range keys {
			for _, kv := range rec.Named(semconv.SpanVoiceSession)[0].Attributes() {
				if string(kv.Key) == key {
					values = append(values, kv.Value.AsInterface())
				}
			}
		}
		return values
	}
}

func ExampleSession_SetOutcome() {
	rec := voicetest.NewRecorder()
	tel := setup(append(rec.Options(), voicesdk.WithLogWriter(io.Discard))...)
	_, session := tel.StartSession(context.Background())
	session.SetOutcome("booked")
	session.SetEndReason(otelvoice.EndUserHangup)
	session.End()
	fmt.Println(told(rec)("voice.session.outcome", "voice.session.end_reason")...)
	// Output: booked user_hangup
}

func ExampleSession_Evaluate() {
	rec := voicetest.NewRecorder()
	tel := setup(append(rec.Options(), voicesdk.WithLogWriter(io.Discard))...)
	_, session := tel.StartSession(context.Background())
	session.End()
	score := 0.85 // From a judge that reads the transcript when the call is over.
	session.Evaluate("task completion", otelvoice.Evaluation{Score: &score, Max: 1, Label: "pass"})
	for _, record := range rec.Logs() {
		if record.EventName() == semconv.EventGenAIEvaluationResult {
			fmt.Println(record.EventName(), record.SpanID() == rec.Named(semconv.SpanVoiceSession)[0].SpanContext().SpanID())
		}
	}
	// Output: gen_ai.evaluation.result true
}

func ExampleWithAgent() {
	rec := voicetest.NewRecorder()
	tel := setup(append(rec.Options(), voicesdk.WithLogWriter(io.Discard),
		voicesdk.WithInstrumentation(otelvoice.WithAgent("concierge", "1.4.0")))...)
	_, session := tel.StartSession(context.Background(), otelvoice.WithExperiment("short-prompt"))
	session.End()
	fmt.Println(told(rec)("gen_ai.agent.name", "gen_ai.agent.version", "voice.experiment")...)
	// Output: concierge 1.4.0 short-prompt
}

func ExampleSession_Transfer() {
	rec := voicetest.NewRecorder()
	tel := setup(append(rec.Options(), voicesdk.WithLogWriter(io.Discard))...)
	_, session := tel.StartSession(context.Background())
	hold := session.Hold()
	transfer := session.Transfer(otelvoice.TransferToHuman, "sip:desk@example.com")
	transfer.End(otelvoice.TransferNoAnswer)
	hold.End()
	session.End()
	for _, event := range rec.Named(semconv.SpanVoiceSession)[0].Events() {
		fmt.Println(event.Name)
	}
	// Output:
	// voice.hold.started
	// voice.transfer.started
	// voice.transfer.ended
	// voice.hold.ended
}

func ExampleSession_SetRecording() {
	rec := voicetest.NewRecorder()
	tel := setup(append(rec.Options(), voicesdk.WithLogWriter(io.Discard))...)
	_, session := tel.StartSession(context.Background())
	session.SetRecording("https://calls.example.com/1.wav?X-Amz-Signature=4f3e2d1c", time.Now(), 2)
	session.End()
	fmt.Println(told(rec)("voice.recording.uri", "voice.recording.channels")...)
	// Output: https://calls.example.com/1.wav 2
}

func ExampleSession_SetAnsweredBy() {
	rec := voicetest.NewRecorder()
	tel := setup(append(rec.Options(), voicesdk.WithLogWriter(io.Discard))...)
	_, session := tel.StartSession(context.Background())
	confidence := 0.93
	session.SetAnsweredBy(otelvoice.AnsweredByMachine, &confidence)
	session.IdlePrompt()
	session.Digits("1234#") // A PIN: counted and not recorded.
	session.End()
	fmt.Println(told(rec)("voice.answering_machine.result", "voice.idle_prompt.count", "voice.dtmf.count", "voice.dtmf.digits")...)
	// Output: machine 1 5
}

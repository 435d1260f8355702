// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// A complete call has one session, one turn and three stages.
func Example() {
	ctx := context.Background()
	rec := voicetest.NewRecorder() // Stands in for a collector.
	tel, err := voicesdk.Setup(ctx, append(rec.Options(),
		voicesdk.WithServiceName("concierge"),
		voicesdk.WithoutGlobals(),
		voicesdk.WithoutConsole())...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(ctx) }()

	ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID("call-1"))
	ctx, turn := session.StartTurn(ctx)

	_, stt := turn.StartSTT(ctx, otelvoice.Model{Provider: "deepgram", Name: "nova-3"})
	stt.Final()
	stt.End(nil)

	_, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})
	answer := func(yield func(string, error) bool) { yield("At nine.", nil) }
	for word, err := range otelvoice.Stream(llm, answer) { // The first word marks the first token.
		_, _ = word, err
	}

	_, tts := turn.StartTTS(ctx, otelvoice.Model{Provider: "cartesia", Name: "sonic-3"})
	tts.AddText("At nine.")
	tts.FirstByte()
	turn.Mark(otelvoice.AgentStarted)
	tts.End(nil)

	turn.End()
	session.End()
	fmt.Print(rec.Shape())
	// Output:
	// voice.session INTERNAL
	//   voice.turn INTERNAL
	//     speech_to_text nova-3 CLIENT
	//     chat gpt-4o-mini CLIENT
	//     text_to_speech sonic-3 CLIENT
}

func ExampleTraceIDFor() {
	for _, id := range []string{"550e8400-e29b-41d4-a716-446655440000", "order-42", "not valid"} {
		tid, ok := otelvoice.TraceIDFor(id)
		fmt.Println(tid, ok)
	}
	// Output:
	// 550e8400e29b41d4a716446655440000 true
	// 3bf8b157c4238eefe5ae4a66eca81c6b true
	// 00000000000000000000000000000000 false
}

func ExampleContextWithCorrelationID() {
	ctx := context.Background()
	tel, err := voicesdk.Setup(ctx, voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(ctx) }()

	// A call came over SIP with the caller's ID in a custom header.
	ctx = otelvoice.ContextWithCorrelationID(ctx, "550e8400-e29b-41d4-a716-446655440000")
	_, session := tel.StartSession(ctx)
	defer session.End()
	fmt.Println(session.CorrelationID())
	// Output: 550e8400-e29b-41d4-a716-446655440000
}

func ExampleTelemetry_StartOperation() {
	ctx := context.Background()
	rec := voicetest.NewRecorder()
	tel, err := voicesdk.Setup(ctx, append(rec.Options(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(ctx) }()

	_, op := tel.StartOperation(ctx, "load menu")
	_, err = os.Stat("menu that is not there")
	op.End(err)
	timeline := rec.Timeline()
	fmt.Println(timeline[:strings.IndexByte(timeline, ' ')+1], strings.Contains(timeline, "failed error=*fs.PathError"))
	// Output: load  true
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package profile_test

import (
	"context"
	"fmt"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/voice-agents/telemetry/exporters/profile"
	"github.com/voice-agents/telemetry/otelvoice"
)

func Example() {
	sent := tracetest.NewInMemoryExporter() // In place of an OTLP exporter to Phoenix.
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(profile.NewExporter(profile.OpenInference, sent)))
	tel, err := otelvoice.New(otelvoice.WithTracerProvider(provider))
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx, session := tel.StartSession(context.Background())
	ctx, turn := session.StartTurn(ctx)
	_, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})
	llm.End(nil)
	turn.End()
	session.End()

	for _, s := range sent.GetSpans() {
		for _, kv := range s.Attributes {
			if kv.Key == "openinference.span.kind" {
				fmt.Println(s.Name, "is a", kv.Value.AsString())
			}
		}
	}
	// Output:
	// chat gpt-4o-mini is a LLM
	// voice.turn is a AGENT
	// voice.session is a CHAIN
}

func ExampleNewSpanProcessor() {
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(
		profile.NewSpanProcessor(profile.LiveKit, sdktrace.NewSimpleSpanProcessor(exporter))))
	tel, err := otelvoice.New(otelvoice.WithTracerProvider(provider))
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx, session := tel.StartSession(context.Background())
	_, turn := session.StartTurn(ctx)
	turn.Mark(otelvoice.UserStarted)
	turn.UserStopped(time.Now(), otelvoice.AnchorVAD)
	turn.Mark(otelvoice.TurnCommitted)
	turn.End()
	session.End()

	for _, s := range exporter.GetSpans() {
		fmt.Println(s.Name)
	}
	// Output:
	// user_turn
	// user_speaking
	// agent_turn
	// agent_session
}

func ExampleProfile_Mapping() {
	m := profile.Langfuse.Mapping()
	for _, a := range m.Attributes[:4] {
		fmt.Println(a.To, "on", a.Spans)
	}
	// Output:
	// langfuse.observation.type on voice.session, text_to_speech_stream, realtime_session, voice.line, operations
	// langfuse.observation.type on voice.turn
	// langfuse.observation.type on speech_to_text, chat, text_to_speech, realtime_inference, speech_to_text_stream
	// langfuse.observation.type on execute_tool
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"testing"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// A call of a speech-to-speech model has a lane of its own instead of those of a pipeline.
func TestSpeechToSpeechCall(t *testing.T) {
	pages, endpoint := view(t)
	sdk, err := voicesdk.Setup(t.Context(), voicesdk.WithServiceName("agent"), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole(),
		voicesdk.WithLookupEnv(func(name string) (string, bool) {
			v, ok := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}[name]
			return v, ok
		}))
	if err != nil {
		t.Fatal(err)
	}
	model := otelvoice.Model{Provider: "openai", Name: "gpt-realtime"}
	began := time.Now().Add(-6 * time.Second)
	at := func(s float64) time.Time { return began.Add(time.Duration(s * float64(time.Second))) }
	ctx, session := sdk.StartSession(t.Context(), otelvoice.WithStartTime(began))
	for i, isCut := range []bool{false, true} {
		from := 3 * float64(i)
		turnCtx, turn := session.StartTurn(ctx, otelvoice.WithStartTime(at(from)))
		turn.MarkAt(otelvoice.UserStarted, at(from))
		turn.VADStopped(at(from+1.2), 200*time.Millisecond)
		turn.MarkAt(otelvoice.TurnCommitted, at(from+1.2))
		modelCtx, answer := turn.StartRealtime(turnCtx, model, otelvoice.WithStartTime(at(from+1.2)))
		answer.SetAudio(otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16, SampleRate: 24000, Channels: 1})
		answer.AddAudio(make([]byte, 48000))
		_, tool := turn.StartTool(modelCtx, "find_table", otelvoice.WithStartTime(at(from+1.3)))
		tool.End(nil)
		turn.MarkAt(otelvoice.AgentStarted, at(from+1.7))
		if isCut {
			turn.Interrupt(otelvoice.AudioActivity, otelvoice.PlayedFor(400*time.Millisecond))
		}
		answer.SetUsage(otelvoice.UsageOpenAI(`{"input_tokens":132,"output_tokens":121,"input_token_details":{"audio_tokens":100,"text_tokens":32}}`))
		answer.SetResponse("resp_1", "gpt-realtime-2025-08-28", "completed")
		answer.End(nil)
		turn.MarkAt(otelvoice.AgentStopped, at(from+2.7))
		turn.End()
	}
	session.End()
	if err := sdk.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := newTab(t, 1280, "light")
	address := pages + "/#/calls/" + session.ID()
	b.open(address, "#turns tbody tr")
	b.wait(`document.querySelectorAll(".lane-realtime [data-key]").length === 2 && document.querySelectorAll(".lane-tool [data-key]").length === 2`)
	for _, lane := range []string{"stt", "llm", "tts"} {
		if value[bool](b, `document.querySelector(".lane-`+lane+`") !== null`) {
			t.Errorf("there is a lane %s", lane)
		}
	}
	b.wantText("#turns tbody tr:nth-child(1)", "700 ms", "completed")
	b.wantText("#turns tbody tr:nth-child(2)", "interrupted")
	b.run(clickOn("#turns tbody tr:nth-child(2) button"))
	b.wait(`document.querySelector("#details h2")?.innerText === "Turn 2"`)
	b.wantText("#details", "realtime_inference gpt-realtime", "execute_tool find_table", "Heard of the answer\n400 ms")
	b.run(clickOn("#details .stages button"))
	b.wait(`document.querySelector("#details h2")?.innerText.includes("realtime_inference")`)
	b.wantText("#details", "Kind\nrealtime", "Tokens read\n132", "Tokens written\n121")
	looks(b, address+"?turn=2", "#details h2", "speech")
}

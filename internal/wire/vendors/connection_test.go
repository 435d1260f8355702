// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendors_test

import (
	"net/url"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/vendors"
)

func TestNewConnection(t *testing.T) {
	for address, want := range map[string]string{
		"wss://api.deepgram.com/v1/listen?model=nova-3":                                                                                    "deepgram stt",
		"wss://api.eu.deepgram.com/v2/listen?model=flux-general-en":                                                                        "deepgram stt",
		"wss://api.deepgram.com/v1/speak":                                                                                                  "deepgram tts",
		"wss://agent.deepgram.com/v1/agent/converse":                                                                                       "deepgram realtime",
		"ws://127.0.0.1:8080/v1/listen":                                                                                                    "deepgram stt",
		"wss://api.elevenlabs.io/v1/text-to-speech/rachel/stream-input":                                                                    "elevenlabs tts",
		"wss://api.us.elevenlabs.io/v1/text-to-speech/rachel/multi-stream-input":                                                           "elevenlabs tts",
		"wss://api.elevenlabs.io/v1/convai/conversation?agent_id=a":                                                                        "elevenlabs realtime",
		"wss://api.elevenlabs.io/v1/speech-to-text/realtime":                                                                               "elevenlabs stt",
		"wss://api.cartesia.ai/tts/websocket":                                                                                              "cartesia tts",
		"wss://api.cartesia.ai/stt/websocket":                                                                                              "cartesia stt",
		"wss://streaming.assemblyai.com/v3/ws?sample_rate=16000":                                                                           "assemblyai stt",
		"wss://westeurope.stt.speech.microsoft.com/speech/recognition/conversation/cognitiveservices/v1":                                   "azure stt",
		"wss://api.openai.com/v1/realtime?model=gpt-realtime":                                                                              "openai realtime",
		"wss://eu.api.openai.com/v1/realtime?model=gpt-realtime":                                                                           "openai realtime",
		"wss://api.openai.com/v1/realtime?intent=transcription":                                                                            "openai stt",
		"wss://r.openai.azure.com/openai/realtime?deployment=gpt-realtime":                                                                 "azure.ai.openai realtime",
		"wss://r.openai.azure.com/openai/v1/realtime?model=gpt-realtime":                                                                   "azure.ai.openai realtime",
		"wss://r.cognitiveservices.azure.com/openai/realtime?deployment=gpt-realtime":                                                      "azure.ai.openai realtime",
		"wss://r.services.ai.azure.com/voice-live/realtime?model=gpt-realtime":                                                             "azure.ai.openai realtime",
		"wss://api.x.ai/v1/realtime":                                                                                                       "x_ai realtime",
		"ws://localhost/v1/realtime?model=m":                                                                                               "openai realtime",
		"wss://generativelanguage.googleapis.com/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=k":       "gcp.gemini realtime",
		"wss://generativelanguage.googleapis.com//ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent":            "gcp.gemini realtime",
		"wss://generativelanguage.googleapis.com/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContentConstrained": "gcp.gemini realtime",
		"wss://europe-west4-aiplatform.googleapis.com/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent":               "gcp.vertex_ai realtime",
		"wss://aiplatform.googleapis.com/ws/google.cloud.aiplatform.v1.LlmBidiService/BidiGenerateContent/":                                "gcp.vertex_ai realtime",
		"ws://127.0.0.1:8080/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent":                                 "gcp.gemini realtime",
		"wss://proxy.example.com/google/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent":                             "gcp.vertex_ai realtime",
		"wss://generativelanguage.googleapis.com/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateMusic":              "",
		"wss://generativelanguage.googleapis.com/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContentFreely":       "",
		"wss://generativelanguage.googleapis.com/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent/more":        "",
		"wss://europe-west4-aiplatform.googleapis.com/ws/google.cloud.aiplatform.v1beta1.PredictionService/BidiGenerateContent":            "",
		"wss://api.openai.com/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent":                                "",
		"wss://proxy.example.com/BidiGenerateContent":                                                                                      "",
		"wss://api.openai.com/v1/listen":                                                                                                   "",
		"wss://api.deepgram.com/v1/realtime":                                                                                               "",
		"wss://example.com/chat":                                                                                                           "",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		target := &wire.Target{Method: "GET", Host: u.Hostname(), Port: u.Port(), Path: u.Path, Query: u.Query()}
		got := ""
		if c := vendors.NewConnection(target, func(*wire.Event) {}); c != nil {
			got = c.Asks().Provider + " " + string(c.Asks().Stage)
		}
		if got != want {
			t.Errorf("%s is %q, want %q", address, got, want)
		}
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import "testing"

func TestGoName(t *testing.T) {
	tests := []struct{ id, name, param string }{
		{"session.id", "SessionID", "sessionID"},
		{"voice.turn.id", "VoiceTurnID", "voiceTurnID"},
		{"gen_ai.usage.cache_read.input_tokens", "GenAIUsageCacheReadInputTokens", "genAIUsageCacheReadInputTokens"},
		{"gen_ai.request.model", "GenAIRequestModel", "genAIRequestModel"},
		{"http.request.method", "HTTPRequestMethod", "httpRequestMethod"},
		{"url.path", "URLPath", "urlPath"},
		{"process.pid", "ProcessPID", "processPID"},
		{"voice.stt.final_latency", "VoiceSTTFinalLatency", "voiceSTTFinalLatency"},
		{"voice.llm.chunk.count", "VoiceLLMChunkCount", "voiceLLMChunkCount"},
		{"voice.tts.text", "VoiceTTSText", "voiceTTSText"},
		{"voice.provider.request_ids", "VoiceProviderRequestIDs", "voiceProviderRequestIDs"},
	}
	for _, tt := range tests {
		if got := goName(tt.id); got != tt.name {
			t.Errorf("goName(%q): got %s, want %s", tt.id, got, tt.name)
		}
		if got := paramName(tt.id); got != tt.param {
			t.Errorf("paramName(%q): got %s, want %s", tt.id, got, tt.param)
		}
	}
}

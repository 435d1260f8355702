// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package semconv_test

import (
	"slices"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/semconv"
)

func TestSpanNames(t *testing.T) {
	tests := []struct{ name, got, want string }{
		{"session", semconv.SpanVoiceSession, "voice.session"},
		{"turn", semconv.SpanVoiceTurn, "voice.turn"},
		{"stt", semconv.SpanSpeechToText("nova-3"), "speech_to_text nova-3"},
		{"stt without model", semconv.SpanSpeechToText(""), "speech_to_text"},
		{"llm", semconv.SpanChat("gpt-4.1-mini"), "chat gpt-4.1-mini"},
		{"llm without model", semconv.SpanChat(""), "chat"},
		{"tool", semconv.SpanExecuteTool("book_table"), "execute_tool book_table"},
		{"tool without name", semconv.SpanExecuteTool(""), "execute_tool"},
		{"tts", semconv.SpanTextToSpeech("sonic-3"), "text_to_speech sonic-3"},
		{"tts without model", semconv.SpanTextToSpeech(""), "text_to_speech"},
		{"realtime", semconv.SpanRealtimeInference("gpt-realtime"), "realtime_inference gpt-realtime"},
		{"realtime without model", semconv.SpanRealtimeInference(""), "realtime_inference"},
		{"operation", semconv.SpanOperation("load_profile"), "load_profile"},
		{"operation without name", semconv.SpanOperation(""), "operation"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

func TestSpanKindsAreSpeltAsTheTraceAPIDoes(t *testing.T) {
	for _, s := range semconv.Spans() {
		if s.Kind != trace.SpanKindInternal.String() && s.Kind != trace.SpanKindClient.String() && s.Kind != trace.SpanKindServer.String() {
			t.Errorf("%s: got kind %q", s.Name, s.Kind)
		}
	}
}

// Every span of a call has the call's IDs and the class of its error.
func TestEverySpanHasTheIDsOfItsCall(t *testing.T) {
	for _, s := range semconv.Spans() {
		for _, name := range []string{"session.id", "gen_ai.conversation.id", "voice.correlation.id", "error.type"} {
			if !slices.Contains(slices.Concat(s.Required, s.Recommended), name) {
				t.Errorf("%s: got no %s", s.Name, name)
			}
		}
	}
}

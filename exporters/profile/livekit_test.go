// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package profile_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/profile"
	"github.com/voice-agents/telemetry/internal/testing/samplecall"
)

// parents are the parents that a span may have, of agents/src/telemetry/testing/trace_schema.ts of livekit/agents-js at
// 0a979d8. "" is none.
var parents = map[string][]string{
	"agent_session":      {"job_entrypoint", ""},
	"user_turn":          {"agent_session"},
	"user_speaking":      {"user_turn", "agent_session"},
	"agent_turn":         {"agent_session"},
	"llm_node":           {"agent_turn"},
	"tts_node":           {"agent_turn"},
	"function_tool":      {"agent_turn"},
	"agent_speaking":     {"agent_turn"},
	"realtime_inference": {"agent_turn"},
	"llm_request":        {"llm_node", "llm_request_run", "keyterm_detection", "answering_machine_detection"},
	"tts_request":        {"tts_node", "tts_request_run"},
}

// The spans of LiveKit's names are in its scope, have the parents that it allows and are within these. Each speech has
// one agent_turn, with an event for each generation that it counts.
func TestLiveKitShape(t *testing.T) {
	out, _ := exported(t, profile.LiveKit)
	byID := make(map[trace.SpanID]sdktrace.ReadOnlySpan)
	for _, s := range out {
		if byID[s.SpanContext().SpanID()] != nil {
			t.Fatalf("two spans have the ID of %s", s.Name())
		}
		byID[s.SpanContext().SpanID()] = s
	}
	const tolerance = 2 * time.Millisecond
	speeches := make(map[string]bool)
	found := make(map[string]bool)
	for _, s := range out {
		name := ""
		parent := byID[s.Parent().SpanID()]
		if parent != nil {
			name = parent.Name()
		}
		allowed, theirs := parents[s.Name()]
		if got := s.InstrumentationScope().Name == "livekit-agents"; got != theirs {
			t.Errorf("%s is in the scope of LiveKit: %t", s.Name(), got)
		}
		if !theirs {
			continue
		}
		found[s.Name()] = true
		if !slices.Contains(allowed, name) {
			t.Errorf("%s is below %q, want %q", s.Name(), name, allowed)
		}
		if s.SpanContext().TraceID() != out[0].SpanContext().TraceID() || !s.SpanContext().IsSampled() {
			t.Errorf("%s is in another trace or not sampled", s.Name())
		}
		if s.EndTime().Before(s.StartTime()) {
			t.Errorf("%s ends before it starts", s.Name())
		}
		if parent != nil && (s.StartTime().Add(tolerance).Before(parent.StartTime()) || s.EndTime().After(parent.EndTime().Add(tolerance))) {
			t.Errorf("%s is not within its parent: %v to %v, %v to %v", s.Name(), s.StartTime(), s.EndTime(), parent.StartTime(), parent.EndTime())
		}
		if s.Name() != "agent_turn" {
			continue
		}
		speech, generations := text(s, "lk.speech_id"), "0"
		if speeches[speech] || speech == "" {
			t.Errorf("the speech %q has two turns", speech)
		}
		speeches[speech] = true
		n := 0
		for _, e := range s.Events() {
			if e.Name == "generation" && strings.HasPrefix(e.Attributes[0].Value.AsString(), speech+"_") {
				n++
				generations = string(rune('0' + n))
			}
		}
		if got := text(s, "lk.generation_count"); got != generations {
			t.Errorf("lk.generation_count is %s, and there are %s", got, generations)
		}
	}
	for name := range parents {
		if !found[name] {
			t.Errorf("no span is a %s", name)
		}
	}
}

// A span that is exported twice becomes the same spans, so that those who receive both recognize them.
func TestLiveKitIDsAreStable(t *testing.T) {
	originals := samplecall.Spans(t)
	var first, second []sdktrace.ReadOnlySpan
	for _, s := range originals {
		first, second = profile.LiveKit.Append(first, s), profile.LiveKit.Append(second, s)
	}
	for i, s := range first {
		if s.SpanContext().SpanID() != second[i].SpanContext().SpanID() {
			t.Errorf("%s has another ID", s.Name())
		}
	}
}

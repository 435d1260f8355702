// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package peer_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/peer"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// set changes an attribute of the spans with a name. A value of nil removes it.
func set(batch *signal.Batch, span, key string, value any) {
	for _, s := range batch.Spans {
		if s.Name != span || !has(s.Attributes, key) {
			continue
		}
		attrs := slices.DeleteFunc(slices.Clone(s.Attributes), func(kv signal.Attribute) bool { return kv.Key == key })
		if value != nil {
			attrs = signal.NewAttributes(append(attrs, signal.Attribute{Key: key, Value: value}))
		}
		s.Attributes = attrs
	}
}

func has(attrs signal.Attributes, key string) bool {
	return slices.ContainsFunc(attrs, func(kv signal.Attribute) bool { return kv.Key == key })
}

func names(t *call.Turn) string {
	var list []string
	for _, s := range t.Segments {
		list = append(list, s.Name)
	}
	return strings.Join(list, " ")
}

const all = "transcription endpointing dispatch generation aggregation synthesis playout"

func TestMissingAndWrongValues(t *testing.T) {
	for _, tt := range []struct {
		name      string
		span, key string
		value     any
		segments  string
		noLatency bool
	}{
		{"all", "user_turn", "none", nil, all, false},
		{"no delay of the transcript", "user_turn", "lk.transcription_delay", nil, "dispatch generation aggregation synthesis playout", false},
		{"a delay of zero is unknown", "user_turn", "lk.transcription_delay", int64(0), "dispatch generation aggregation synthesis playout", false},
		{"a delay in microseconds", "user_turn", "lk.end_of_turn_delay", int64(834000), "transcription generation aggregation synthesis playout", false},
		{"a delay in seconds", "user_turn", "lk.end_of_turn_delay", 0.975, all, false},
		{"a delay that is a text", "user_turn", "lk.end_of_turn_delay", "834", "transcription generation aggregation synthesis playout", false},
		{"no first token", "llm_node", "lk.response.ttft", nil, "transcription endpointing dispatch synthesis playout", false},
		{"no first byte", "tts_node", "lk.response.ttfb", nil, "transcription endpointing dispatch generation aggregation", false},
		{"a negative delay", "tts_node", "lk.response.ttfb", -1.0, "transcription endpointing dispatch generation aggregation", false},
		{"a first byte in milliseconds", "tts_node", "lk.response.ttfb", 784.4, "transcription endpointing dispatch generation aggregation", false},
		{"no latency", "agent_turn", "lk.e2e_latency", nil, "", true},
		{"a latency in milliseconds", "agent_turn", "lk.e2e_latency", 3432.0, "", true},
		{"a negative latency", "agent_turn", "lk.e2e_latency", -3.4, "", true},
		{"no speech", "agent_turn", "lk.speech_id", nil, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			batch := read(t, "livekit-tool")
			set(batch, tt.span, tt.key, tt.value)
			c := document(batch)
			turn := c.Turns[len(c.Turns)-1]
			if tt.key == "lk.speech_id" { // Each span is a turn of its own.
				if len(c.Turns) != 2 {
					t.Errorf("%d turns, want 2", len(c.Turns))
				}
				return
			}
			if got := names(turn); got != tt.segments || (turn.ResponseLatency == nil) != tt.noLatency {
				t.Errorf("segments %q, response latency %v", got, turn.ResponseLatency)
			}
		})
	}
}

// The version in Python sends seconds, and a transcription delay of 0 if the transcript came before the end of the
// speech.
func TestPython(t *testing.T) {
	for _, tt := range []struct {
		name               string
		transcribed, ended float64
		segments           string
		endpointing        float64
	}{
		{"both", 0.5, 0.9, all, 0.4},
		{"whole seconds", 0.5, 1, all, 0.5},
		{"transcript before the end of the speech", 0, 0.9, all, 0.9},
		{"both unknown", 0, 0, "generation aggregation synthesis playout", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			batch := read(t, "livekit-tool")
			resource := &signal.Resource{Attributes: signal.Attributes{{Key: "telemetry.sdk.language", Value: "python"}}}
			for _, s := range batch.Spans {
				s.Resource = resource
			}
			set(batch, "user_turn", "lk.transcription_delay", tt.transcribed)
			set(batch, "user_turn", "lk.end_of_turn_delay", tt.ended)
			turn := document(batch).Turns[0]
			if got := names(turn); got != tt.segments {
				t.Errorf("segments %q, want %q", got, tt.segments)
			}
			for _, s := range turn.Segments {
				if s.Name == "endpointing" && math.Abs(s.Duration-tt.endpointing) > 1e-9 {
					t.Errorf("endpointing took %v, want %v", s.Duration, tt.endpointing)
				}
			}
		})
	}
}

func TestMissingSpans(t *testing.T) {
	for _, name := range []string{
		"agent_session", "user_turn", "agent_turn", "user_speaking", "agent_speaking", "llm_node", "llm_request",
		"llm_request_run", "tts_node", "tts_request", "tts_request_run", "function_tool",
	} {
		t.Run(name, func(t *testing.T) {
			batch := read(t, "livekit-bargein")
			batch.Spans = slices.DeleteFunc(batch.Spans, func(s *signal.Span) bool { return s.Name == name })
			c := document(batch)
			want := 2
			if len(c.Turns) != want {
				t.Errorf("%d turns, want %d", len(c.Turns), want)
			}
			if c.Open != (name == "agent_session") {
				t.Errorf("open is %v", c.Open)
			}
		})
	}
}

// The agent of a call speaks first.
func TestGreeting(t *testing.T) {
	batch := read(t, "livekit-normal")
	batch.Spans = slices.DeleteFunc(batch.Spans, func(s *signal.Span) bool { return s.Name == "user_turn" })
	for i, turn := range document(batch).Turns {
		if turn.Initiator != "agent" {
			t.Errorf("turn %d was begun by %q", i+1, turn.Initiator)
		}
	}
}

func TestOddSpans(t *testing.T) {
	scope := &signal.Scope{Name: "livekit-agents"}
	id := func(n byte) trace.SpanID { return trace.SpanID{n} }
	at := time.Unix(1000, 0)
	for _, tt := range []struct {
		name  string
		spans []*signal.Span
		turns int
	}{
		{"no times", []*signal.Span{{SpanID: id(1), Name: "user_turn"}, {SpanID: id(2), Name: "agent_turn"}}, 2},
		{"its own parent", []*signal.Span{{SpanID: id(1), ParentID: id(1), Name: "agent_turn", Start: at, End: at}}, 1},
		{"a circle", []*signal.Span{
			{SpanID: id(1), ParentID: id(3), Name: "llm_node", Start: at},
			{SpanID: id(2), ParentID: id(1), Name: "llm_request", Start: at},
			{SpanID: id(3), ParentID: id(2), Name: "llm_request_run", Start: at},
			{SpanID: id(4), Name: "agent_turn", Start: at},
		}, 1},
		{"ends before its start", []*signal.Span{{SpanID: id(1), Name: "agent_turn", Start: at, End: at.Add(-time.Hour)}}, 1},
		{"twice", []*signal.Span{{SpanID: id(1), Name: "agent_turn", Start: at, End: at}, {SpanID: id(1), Name: "agent_turn", Start: at, End: at.Add(1)}}, 1},
		{"no ID", []*signal.Span{{Name: "agent_turn", Start: at}, {Name: "user_turn", Start: at}}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, s := range tt.spans {
				s.Scope, s.Resource = scope, &signal.Resource{}
			}
			batch := peer.Translate(&signal.Batch{Spans: tt.spans})
			if c := call.New("", batch.Spans, nil); len(c.Turns) != tt.turns {
				t.Errorf("%d turns, want %d", len(c.Turns), tt.turns)
			}
		})
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package peer_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/peer"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

func TestResponseLatencies(t *testing.T) {
	for _, tt := range []struct {
		name string
		want []float64 // 0 is unknown.
	}{
		{"livekit-normal", []float64{2.923, 2.268}},
		{"livekit-tool", []float64{3.432}},
		{"livekit-bargein", []float64{3.302, 3.448}},
		{"livekit-faults", []float64{2.334, 0}},
		{"livekit-eot", []float64{3.059, 3.255}}, // The second answer was generated before the end of the turn.
		{"pipecat", []float64{0, 1.24, 0, 0.98}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := document(read(t, tt.name))
			if len(c.Turns) != len(tt.want) {
				t.Fatalf("%d turns, want %d", len(c.Turns), len(tt.want))
			}
			for i, turn := range c.Turns {
				got := 0.0
				if turn.ResponseLatency != nil {
					got = *turn.ResponseLatency
				}
				if got != tt.want[i] {
					t.Errorf("turn %d has a response latency of %v, want %v", i+1, got, tt.want[i])
				}
				if sum := sumOf(turn); len(turn.Segments) > 0 && math.Abs(sum-got) > 1e-9 {
					t.Errorf("turn %d has segments of %v in a response latency of %v", i+1, sum, got)
				}
			}
			if len(c.Problems) > 0 {
				t.Errorf("problems: %v", c.Problems)
			}
		})
	}
}

func sumOf(turn *call.Turn) (sum float64) {
	for _, s := range turn.Segments {
		sum += s.Duration
	}
	return sum
}

func TestOutcomes(t *testing.T) {
	for _, tt := range []struct {
		name          string
		want          []string
		interruptions int
	}{
		{"livekit-normal", []string{"completed", "completed"}, 0},
		{"livekit-bargein", []string{"interrupted", "completed"}, 1},
		{"livekit-faults", []string{"completed", "failed"}, 0},
		{"pipecat", []string{"completed", "interrupted", "failed", ""}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := document(read(t, tt.name))
			var got []string
			for _, turn := range c.Turns {
				got = append(got, turn.Outcome)
			}
			if !slices.Equal(got, tt.want) || c.Interruptions != tt.interruptions {
				t.Errorf("outcomes %q and %d interruptions, want %q and %d", got, c.Interruptions, tt.want, tt.interruptions)
			}
		})
	}
}

// An interrupted agent_turn span ends 2.45 s after the agent's speech.
func TestEndOfInterruptedTurn(t *testing.T) {
	turn := document(read(t, "livekit-bargein")).Turns[0]
	last := turn.Marks[len(turn.Marks)-1]
	if last.Name != "voice.agent.stopped" || turn.End == nil || *turn.End != *last.At {
		t.Errorf("the turn ends at %v, and the last mark is %s at %v", *turn.End, last.Name, *last.At)
	}
}

// The span of a request says that it succeeded although all of its attempts failed.
func TestFailedAttempts(t *testing.T) {
	turn := document(read(t, "livekit-faults")).Turns[1]
	if turn.Error != "503" || len(turn.Stages) != 3 {
		t.Fatalf("error %q, %d stages", turn.Error, len(turn.Stages))
	}
	for i, s := range turn.Stages {
		if s.Kind != "llm" || s.Outcome != "failed" || s.Attempt != i+1 || s.Tokens != nil || s.Model != "gpt-4o" {
			t.Errorf("stage %d is %+v", i, s)
		}
	}
	batch := read(t, "livekit-faults")
	batch.Spans = slices.DeleteFunc(batch.Spans, func(s *signal.Span) bool { return s.Name == "llm_request_run" })
	turn = document(batch).Turns[1]
	if s := turn.Stages[0]; len(turn.Stages) != 1 || s.Outcome != "" || s.Tokens != nil {
		t.Errorf("without its attempts, the request has outcome %q and tokens %v", s.Outcome, s.Tokens)
	}
}

func TestAnyOrder(t *testing.T) {
	for _, name := range recorded {
		t.Run(name, func(t *testing.T) {
			batch := read(t, name)
			want := text(t, document(batch))
			random := rand.New(rand.NewPCG(1, 2))
			for range 20 {
				random.Shuffle(len(batch.Spans), func(i, j int) { batch.Spans[i], batch.Spans[j] = batch.Spans[j], batch.Spans[i] })
				if text(t, document(batch)) != want {
					t.Fatal("the document depends on the order of the spans")
				}
			}
		})
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestInputIsUnchanged(t *testing.T) {
	for _, name := range recorded {
		batch := read(t, name)
		before := text(t, batch)
		out := peer.Translate(batch)
		if text(t, batch) != before {
			t.Errorf("%s: the signals were changed", name)
		}
		if again := peer.Translate(out); again != out {
			t.Errorf("%s: a translated batch was translated again", name)
		}
	}
}

func TestUnknownFrameworks(t *testing.T) {
	scope, resource := &signal.Scope{Name: "shop"}, &signal.Resource{}
	batch := &signal.Batch{Spans: []*signal.Span{{SpanID: trace.SpanID{1}, Name: "turn", Scope: scope, Resource: resource}}}
	if peer.Translate(batch) != batch {
		t.Error("a span of another library was translated")
	}
	if name, facts := peer.Missing(batch.Spans); name != "" || facts != nil {
		t.Errorf("Missing is %q, %q", name, facts)
	}
	for _, want := range []struct{ file, name string }{{"livekit-tool", "LiveKit Agents"}, {"pipecat", "Pipecat"}} {
		if name, facts := peer.Missing(read(t, want.file).Spans); name != want.name || len(facts) == 0 {
			t.Errorf("Missing is %q, %q, want those of %s", name, facts, want.name)
		}
	}
}

// Another version of a framework may have more spans and attributes, and lack others.
func TestUnknownVersions(t *testing.T) {
	batch := read(t, "livekit-tool")
	for _, s := range batch.Spans {
		s.Scope = &signal.Scope{Name: "livekit-agents", Version: "99.0.0"}
		if s.Name == "llm_request_run" {
			s.Name = "llm_try"
		}
	}
	c := document(batch)
	if len(c.Turns) != 1 || *c.Turns[0].ResponseLatency != 3.432 {
		t.Fatalf("turns: %v", c.Turns)
	}
	kinds := make(map[string]int)
	c.Visit(func(turn *call.Turn, s *call.Stage) {
		if turn != nil {
			kinds[s.Kind]++
		}
	})
	if kinds["llm"] != 2 || kinds["span"] != 2 || kinds["tool"] != 1 || kinds["tts"] != 2 {
		t.Errorf("stages by kind: %v", kinds)
	}
}

func TestRecordsFollowTheirSpans(t *testing.T) {
	batch := read(t, "livekit-normal")
	for _, s := range batch.Spans {
		if s.Name == "user_speaking" {
			batch.Records = append(batch.Records, &signal.Record{Time: s.Start.Add(time.Second), Body: "heard", TraceID: s.TraceID, SpanID: s.SpanID, Scope: s.Scope, Resource: s.Resource})
		}
	}
	c := document(batch)
	for i, turn := range c.Turns {
		if len(turn.Lines) != 1 || len(c.Lines) != 0 {
			t.Errorf("turn %d has %d lines, the call %d", i+1, len(turn.Lines), len(c.Lines))
		}
	}
}

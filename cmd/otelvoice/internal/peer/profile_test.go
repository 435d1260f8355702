// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package peer_test

import (
	"math"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/script"
	"github.com/voice-agents/telemetry/exporters/profile"
	"github.com/voice-agents/telemetry/internal/testing/samplecall"
)

// A call that is exported in the vocabulary of LiveKit Agents and translated back has the turns, segments and stages
// that it had.
func TestLiveKitProfileAndBack(t *testing.T) {
	originals := samplecall.Spans(t)
	var sent []sdktrace.ReadOnlySpan
	for _, s := range originals {
		sent = profile.LiveKit.Append(sent, s)
	}
	batch := script.Of(originals).Batch()
	want := call.New("", batch.Spans, batch.Records)
	got := document(script.Of(sent).Batch())
	if len(got.Turns) != len(want.Turns) || len(want.Turns) != 6 {
		t.Fatalf("%d turns came back of %d", len(got.Turns), len(want.Turns))
	}
	segments := 0
	for i, w := range want.Turns {
		g := got.Turns[i]
		if g.ID != w.ID || g.Initiator != w.Initiator || g.Outcome != w.Outcome {
			t.Errorf("turn %d is %s %s %s, want %s %s %s", i+1, g.ID, g.Initiator, g.Outcome, w.ID, w.Initiator, w.Outcome)
		}
		if !same(g.ResponseLatency, w.ResponseLatency) {
			t.Errorf("turn %d: response latency\ngot  %v\nwant %v", i+1, value(g.ResponseLatency), value(w.ResponseLatency))
		}
		segments += len(w.Segments)
		parts := make(map[string]float64)
		for _, s := range g.Segments {
			parts[s.Name] = s.Duration
		}
		for _, s := range w.Segments {
			part, ok := parts[s.Name]
			if hasModel(w) && (!ok || math.Abs(part-s.Duration) > 1e-6) {
				t.Errorf("turn %d: %s\ngot  %v\nwant %v", i+1, s.Name, part, s.Duration)
			}
		}
		if hasModel(w) && len(g.Segments) != len(w.Segments) {
			t.Errorf("turn %d has %v, want %v", i+1, g.Segments, w.Segments)
		}
		if a, b := stages(g), stages(w); a != b {
			t.Errorf("turn %d: stages\ngot  %s\nwant %s", i+1, a, b)
		}
	}
	if segments != 3*7+4 {
		t.Errorf("the turns have %d segments", segments)
	}
}

// hasModel reports whether a turn has a language model. That of a speech-to-speech model has no segments in LiveKit's
// spans.
func hasModel(t *call.Turn) bool {
	for _, s := range t.Stages {
		if s.Kind == "realtime" {
			return false
		}
	}
	return true
}

func stages(t *call.Turn) (list string) {
	for _, s := range t.Stages {
		list += " " + s.Kind
	}
	return list
}

func same(x, y *float64) bool {
	return x == nil && y == nil || x != nil && y != nil && math.Abs(*x-*y) < 1e-6
}

func value(x *float64) any {
	if x == nil {
		return nil
	}
	return *x
}

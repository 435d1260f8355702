// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package slowturn finds the slowest turns of calls, and what made them slow.
package slowturn

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/semconv"
)

// Turn is a slow turn.
type Turn struct {
	Session         string  `json:"session,omitempty"`
	Trace           string  `json:"trace_id,omitempty"`
	Index           int     `json:"index,omitempty"`
	ID              string  `json:"turn_id,omitempty"`
	ResponseLatency float64 `json:"response_latency"`
	// Segment is the one that is the farthest above its median, and Excess is by how many seconds. Excess is nil if no
	// completed turn has the segment, so that there is no median.
	Segment  string   `json:"segment,omitempty"`
	Duration float64  `json:"duration,omitempty"`
	Excess   *float64 `json:"excess,omitempty"`
	// Reasons are facts of the turn that explain the segment.
	Reasons []string `json:"reasons,omitempty"`

	Turn *call.Turn `json:"-"`
}

// Finder finds the slowest turns. Count is how many it keeps.
type Finder struct {
	Count int

	sample  latency.Sample
	slowest []Turn
}

// Add adds the turns of a call.
func (f *Finder) Add(c *call.Call) {
	f.sample.AddCall(c)
	for _, t := range c.Turns {
		if t.ResponseLatency == nil {
			continue
		}
		f.slowest = append(f.slowest, Turn{
			Session: latency.Cluster(c), Trace: t.TraceID, Index: t.Index, ID: t.ID, ResponseLatency: *t.ResponseLatency, Turn: t,
		})
	}
	if len(f.slowest) > 2*f.Count+1000 {
		f.cut()
	}
}

func (f *Finder) cut() {
	slices.SortStableFunc(f.slowest, func(a, b Turn) int {
		return cmp.Or(cmp.Compare(b.ResponseLatency, a.ResponseLatency), cmp.Compare(a.Session, b.Session), cmp.Compare(a.Index, b.Index))
	})
	kept := f.slowest[:min(f.Count, len(f.slowest))]
	clear(f.slowest[len(kept):])
	f.slowest = kept
}

// Slowest returns the slowest turns, the slowest first, with what made them slow: the segment that took the longest
// beyond the median of all completed turns.
func (f *Finder) Slowest() []Turn {
	f.cut()
	for i := range f.slowest {
		t := &f.slowest[i]
		most := 0.0
		for _, s := range t.Turn.Segments {
			usual, isKnown := f.sample.Statistic(s.Name, latency.P50) // 0 if it is unknown.
			excess := s.Duration - usual
			if t.Segment != "" && excess <= most {
				continue
			}
			most, t.Segment, t.Duration, t.Excess = excess, s.Name, s.Duration, nil
			if isKnown {
				t.Excess = &excess
			}
		}
		t.Reasons = reasons(t.Turn)
	}
	return f.slowest
}

// reasons returns what is unusual in a turn.
func reasons(t *call.Turn) (facts []string) {
	var below func(stages []*call.Stage)
	below = func(stages []*call.Stage) {
		for _, s := range stages {
			switch {
			case s.Error != "":
				facts = append(facts, fmt.Sprintf("%s failed: %s", s.Name, s.Error))
			case s.Attempt > 1:
				facts = append(facts, fmt.Sprintf("%s took %d attempts", s.Name, s.Attempt))
			}
			if s.Resends > 0 {
				facts = append(facts, fmt.Sprintf("%s was sent again %d times", s.Name, s.Resends))
			}
			if s.Fallback > 0 {
				facts = append(facts, s.Name+" is a fallback")
			}
			if reused, ok := s.Attributes.Bool(semconv.VoiceProviderConnectionReusedKey); ok && !reused && s.Kind != call.KindHTTP {
				facts = append(facts, s.Name+" opened a connection")
			}
			below(s.Stages)
		}
	}
	below(t.Stages)
	if t.ToolTime != nil {
		facts = append(facts, fmt.Sprintf("tools took %.2f s", *t.ToolTime))
	}
	if first := answer(t); first != nil && first.Model != "" {
		facts = append(facts, "model "+first.Model)
	}
	return facts
}

// answer returns the last stage of a language model.
func answer(t *call.Turn) *call.Stage {
	for _, s := range slices.Backward(t.Stages) {
		if s.Kind == semconv.VoiceStageLLM || s.Kind == semconv.VoiceStageRealtime {
			return s
		}
	}
	return nil
}

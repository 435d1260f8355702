// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package index

import (
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
)

func TestSums(t *testing.T) {
	second := 1.0
	for _, tt := range []struct {
		name     string
		latency  *float64
		segments []call.Segment
		problems int
	}{
		{"exact", &second, []call.Segment{{Name: "generation", Duration: 0.4}, {Name: "synthesis", Duration: 0.6}}, 0},
		{"rounded to milliseconds", &second, []call.Segment{{Name: "generation", Duration: 0.4}, {Name: "synthesis", Duration: 0.5995}}, 0},
		{"a part is missing", &second, []call.Segment{{Name: "generation", Duration: 0.4}}, 1},
		{"parts overlap", &second, []call.Segment{{Name: "generation", Duration: 0.4}, {Name: "synthesis", Duration: 0.7}}, 1},
		{"no segments", &second, nil, 0},
		{"no latency", nil, []call.Segment{{Name: "generation", Duration: 0.4}}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &call.Call{Turns: []*call.Turn{{SpanID: "aa", ResponseLatency: tt.latency, Segments: tt.segments}}}
			addSums(c)
			if len(c.Problems) != tt.problems {
				t.Fatalf("problems %v, want %d", c.Problems, tt.problems)
			}
			if tt.problems > 0 && c.Problems[0] != (call.Problem{Kind: problemSum, Where: "voice.turn aa", Count: 1}) {
				t.Errorf("problem %+v", c.Problems[0])
			}
		})
	}
}

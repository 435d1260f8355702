// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package index

import (
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
)

// A failure counts once, whatever failed with it.
func TestErrorsOfACall(t *testing.T) {
	for _, tt := range []struct {
		name string
		call call.Call
		want int
	}{
		{"none", call.Call{Turns: []*call.Turn{{Outcome: "completed"}}}, 0},
		{"the session", call.Call{Error: "closed"}, 1},
		{"a turn", call.Call{Turns: []*call.Turn{{Outcome: "failed", Error: "timeout"}}}, 1},
		{"a stage of a turn", call.Call{Turns: []*call.Turn{{Outcome: "completed", Stages: []*call.Stage{{Error: "429"}}}}}, 1},
		{"a stage, and its turn and session with it", call.Call{
			Error: "timeout", Turns: []*call.Turn{{Outcome: "failed", Error: "timeout", Stages: []*call.Stage{{Error: "timeout"}}}},
		}, 1},
		{"two attempts of a stage that failed", call.Call{
			Turns: []*call.Turn{{Stages: []*call.Stage{{Error: "429", Stages: []*call.Stage{{Error: "429"}, {Error: "429"}}}}}},
		}, 2},
		{"a stage outside of turns", call.Call{Stages: []*call.Stage{{Outcome: "failed"}}}, 1},
	} {
		row, err := summarize("sess_1", &tt.call, 2)
		if err != nil || row.Errors != tt.want {
			t.Errorf("%s: %d errors, want %d, %v", tt.name, row.Errors, tt.want, err)
		}
	}
}

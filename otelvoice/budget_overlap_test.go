// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// overBudgets returns the level and voice.turn.over_budget of each turn, by its ID.
func overBudgets(t *testing.T, rec *voicetest.Recorder) map[string]string {
	t.Helper()
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	for _, line := range lines {
		if line["phase"] == "turn_end" {
			found[fmt.Sprint(line["turn_id"])] = fmt.Sprint(line["level"], " ", object(line, "extra_data")["voice.turn.over_budget"])
		}
	}
	return found
}

// Turns that overlap are compared by their own marks, and told by their own times.
func TestBudgetsOfOverlappingTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(budgets()...))
		_, session := tel.StartSession(t.Context())
		began := time.Now()
		told := make(map[string]string)
		session.OnSlowTurn(func(slow otelvoice.SlowTurn) {
			told[fmt.Sprintf("%s %s", slow.Turn.ID(), slow.Segment)] = time.Since(began).String()
		})
		start := func(id string) *otelvoice.Turn {
			_, turn := session.StartTurn(t.Context(), otelvoice.WithTurnID(id))
			return turn
		}
		at := func(ms int) time.Time { return began.Add(time.Duration(ms) * time.Millisecond) }
		until := func(ms int) { <-time.After(time.Until(at(ms))) }
		marked := func(turn *otelvoice.Turn, marks ...otelvoice.Mark) {
			for _, m := range marks {
				turn.Mark(m)
			}
		}

		first := start("turn_1")
		marked(first, userStopped, transcript, committed, requested) // Its generation runs from 0 to 1500.
		until(500)
		second := start("turn_2") // Its generation runs from 900 to 1800.
		until(900)
		marked(second, userStopped, transcript, committed, requested)
		until(1500)
		marked(first, firstToken, ttsRequested, firstByte, agentStarted)
		until(1800)
		marked(second, firstToken, ttsRequested, firstByte, agentStarted)
		second.End()
		first.End()

		third := start("turn_3") // Its end of speech is that of the second turn.
		third.MarkAt(userStopped, at(900))
		marked(third, committed, requested)
		until(9000)
		third.SetOutcome(otelvoice.Abandoned)
		third.End()
		session.End()

		synctest.Wait()
		if got, want := overBudgets(t, rec), map[string]string{
			"turn_1": "WARN [generation]", "turn_2": "INFO <nil>", "turn_3": "WARN <nil>",
		}; !maps.Equal(got, want) {
			t.Errorf("over budget %v, want %v", got, want)
		}
		if got, ok := told["turn_1 generation"]; !ok || got != "1s" || told["turn_2 generation"] != "" {
			t.Errorf("told %v, want generation of turn_1 after 1s and not that of turn_2", told)
		}
	})
}

// Budgets come from the variable, and an option of the instrumentation replaces that of its segment.
func TestBudgetsByVariable(t *testing.T) {
	for _, tt := range []struct {
		name, variable string
		opts           []otelvoice.Option
		want           string
	}{
		{"two segments", "generation=1s,playout=300", nil, "WARN [generation playout]"},
		{"none", "", nil, "INFO <nil>"},
		{"zero", "generation=0,playout=0", nil, "INFO <nil>"},
		{"an option", "generation=1s,playout=300ms", []otelvoice.Option{otelvoice.WithSegmentBudget(otelvoice.SegmentGeneration, 2*time.Second)}, "WARN [playout]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t, variables("OTELVOICE_SEGMENT_BUDGETS", tt.variable), voicesdk.WithInstrumentation(tt.opts...))
			_, session := tel.StartSession(t.Context())
			_, turn := session.StartTurn(t.Context(), otelvoice.WithTurnID("turn_1"))
			now := time.Now()
			for m, before := range map[otelvoice.Mark]time.Duration{userStopped: 2 * time.Second, requested: 1900 * time.Millisecond, firstToken: 500 * time.Millisecond, firstByte: 400 * time.Millisecond, agentStarted: 0} {
				turn.MarkAt(m, now.Add(-before))
			}
			turn.End()
			session.End()
			if got := overBudgets(t, rec)["turn_1"]; got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

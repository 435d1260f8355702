// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"fmt"
	"math"
	"testing"
	"testing/synctest"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// A user of tokens is an LLM or a Realtime.
type tokenUser interface {
	SetUsage(usage otelvoice.Usage)
	End(err error)
}

// Usage that comes after the end of a stage, before that of its turn, leaves one cost: the stage's span and lines, the
// turn, the session and the metric agree.
func TestLateUsageHasOneCost(t *testing.T) {
	first := otelvoice.Usage{InputTokens: 100, OutputTokens: 10} // 100 × 0.01 + 10 × 0.04 = 1.4
	for _, tt := range []struct {
		name          string
		before, after otelvoice.Usage
		want          float64 // 0 is unknown.
	}{
		{"more tokens", first, otelvoice.Usage{OutputTokens: 15}, 1.6}, // 5 × 0.04 more
		{"cached tokens", first, otelvoice.Usage{InputTokens: 100, OutputTokens: 10, CacheReadInputTokens: 90}, 1.4},
		{"fewer tokens", first, otelvoice.Usage{InputTokens: 50, OutputTokens: 5}, 1.4},
		{"cached tokens and more", first, otelvoice.Usage{InputTokens: 100, CacheReadInputTokens: 90, OutputTokens: 100}, 4.19}, // 10 × 0.01 + 90 × 0.001 + 100 × 0.04
		{"a kind without a price", first, otelvoice.Usage{CacheWriteInputTokens: 5}, 1.4},
		{"tokens that contradict each other", first, otelvoice.Usage{CacheReadInputTokens: 500}, 1.4},
		{"after none", otelvoice.Usage{}, first, 1.4},
		{"that contradict each other after none", otelvoice.Usage{}, otelvoice.Usage{InputTokens: 100, CacheReadInputTokens: 500, OutputTokens: 10}, 0},
		{"that leave a contradiction", otelvoice.Usage{InputTokens: 100, CacheReadInputTokens: 500, OutputTokens: 10}, otelvoice.Usage{OutputTokens: 20}, 0},
		{"that settle a contradiction", otelvoice.Usage{InputTokens: 100, CacheReadInputTokens: 500, OutputTokens: 10}, otelvoice.Usage{CacheReadInputTokens: 90}, .59},
	} {
		for kind, start := range map[string]func(*otelvoice.Turn) tokenUser{
			"llm":      func(turn *otelvoice.Turn) tokenUser { _, llm := turn.StartLLM(t.Context(), chatter); return llm },
			"realtime": func(turn *otelvoice.Turn) tokenUser { _, live := turn.StartRealtime(t.Context(), liver); return live },
		} {
			t.Run(tt.name+", "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					tel, rec := voicetest.Setup(t, withPrices(t))
					ctx, session := tel.StartSession(t.Context())
					_, turn := session.StartTurn(ctx)
					of := start(turn)
					of.SetUsage(tt.before)
					of.End(nil)
					of.SetUsage(tt.after)
					of.SetUsage(tt.after)
					turn.End()
					session.End()
					var ofStage, ofTurn, ofSession float64
					lines, err := rec.Lines()
					if err != nil {
						t.Fatal(err)
					}
					for _, line := range lines {
						cost, _ := object(line, "extra_data")[string(semconv.VoiceCostKey)].(float64)
						switch line["phase"] {
						case "stage_end", "stage_late":
							ofStage += cost
						case "turn_end":
							ofTurn = cost
						case "session_end":
							ofSession = cost
						}
					}
					record, _ := turn.Stages()[0].Float(semconv.VoiceCostKey)
					for what, got := range map[string]float64{"stage": ofStage, "turn": ofTurn, "session": ofSession, "record": record} {
						if math.Abs(got-tt.want) > 1e-9 {
							t.Errorf("the %s has %g, want %g", what, got, tt.want)
						}
					}
					want := ""
					if tt.want != 0 {
						want = fmt.Sprintf("%s %s %.3f", turn.Stages()[0].Model.Name, kind, tt.want)
					}
					if got := counted(rec); got != want {
						t.Errorf("counted %q, want %q", got, want)
					}
					voicetest.Check(t, rec)
				})
			})
		}
	}
}

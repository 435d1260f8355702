// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// Without prices nothing has a cost.
func TestNoPricesNoCosts(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	ctx, turn := session.StartTurn(ctx)
	chat(ctx, turn, used, nil)
	session.End()
	if got := costs(rec); strings.Contains(got, "USD") || counted(rec) != "" {
		t.Errorf("got\n%s\n%s", got, counted(rec))
	}
}

// The end lines of stages, turns and sessions have the cost. A line about late usage has the part that was not
// recorded before, so that the lines of stages sum to the cost of the session.
func TestLinesHaveTheCost(t *testing.T) {
	tel, rec := voicetest.Setup(t, withPrices(t))
	ctx, session := tel.StartSession(t.Context())
	ctx, turn := session.StartTurn(ctx)
	llm := chat(ctx, turn, otelvoice.Usage{InputTokens: 80, OutputTokens: 1}, nil) // 0.8 + 0.04
	turn.End()
	llm.SetUsage(used) // 3 × 0.04 more
	if n, _ := turn.Stages()[0].Float(semconv.VoiceCostKey); n != .96 {
		t.Errorf("the record of the stage has %v, want 0.96", n)
	}
	session.End()
	for phase, want := range map[string]float64{"stage_end": .84, "stage_late": .12, "turn_end": .84, "session_end": .96} {
		extra := object(lineOf(t, rec, phase), "extra_data")
		if extra["voice.cost"] != want || extra["voice.cost.currency"] != "USD" {
			t.Errorf("%s: got %v %v, want %v USD", phase, extra["voice.cost"], extra["voice.cost.currency"], want)
		}
	}
}

// The cost of a conversation over several requests is that of its parts so far.
func TestCostOfPartsOfASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t, withPrices(t))
		for range 2 {
			ctx, session := tel.ResumeSession(t.Context(), "conversation")
			ctx, turn := session.StartTurn(ctx)
			chat(ctx, turn, used, nil)
			turn.End()
			session.Suspend()
		}
		want := "chat 0.96 USD\nturn 0.96 USD\nsession 0.96 USD\nchat 0.96 USD\nturn 0.96 USD\nsession 1.92 USD"
		if got := costs(rec); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		wait(int(31 * time.Minute / time.Millisecond))
		_, other := tel.ResumeSession(t.Context(), "other") // The first one expires.
		if extra := object(lineOf(t, rec, "session_end"), "extra_data"); extra["voice.cost"] != 1.92 {
			t.Errorf("the end line has %v, want 1.92", extra["voice.cost"])
		}
		other.End()
	})
}

// A warning says why a cost is unknown, once for each reason.
func TestWarningOfAMissingPrice(t *testing.T) {
	tel, rec := voicetest.Setup(t, withPrices(t))
	ctx, session := tel.StartSession(t.Context())
	for range 3 {
		ctx, turn := session.StartTurn(ctx)
		chat(ctx, turn, otelvoice.Usage{InputTokens: 80, AudioInputTokens: 5, OutputTokens: 4}, nil)
		chat(ctx, turn, otelvoice.Usage{}, nil)
		chat(ctx, turn, otelvoice.Usage{InputTokens: 80}, context.Canceled) // Unknown, and no mistake.
		say(ctx, turn, sonic3, "Hello")
		turn.Mark(otelvoice.AgentStarted)
		turn.End()
	}
	session.End()
	var got []string
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if message, _ := line["message"].(string); strings.HasPrefix(message, "voice.cost") {
			got = append(got, message)
		}
	}
	want := []string{
		"voice.cost is unknown: pricing: the list has no price for audio_input_token of acme chat",
		"voice.cost is unknown: pricing: input_token of acme chat has a price and was not measured",
		"voice.cost is unknown: pricing: the list has no price for cartesia sonic-3",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

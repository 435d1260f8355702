// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spend_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice/internal/spend"
	"github.com/voice-agents/telemetry/pricing"
)

func usd(amount pricing.Amount) spend.Charge {
	return spend.Charge{Cost: pricing.Cost{Amount: amount, Currency: "USD"}, State: spend.Known}
}

func show(c spend.Charge) string {
	return [...]string{"free", fmt.Sprintf("%d %s", int64(c.Cost.Amount), c.Cost.Currency), "unknown"}[c.State]
}

func TestTally(t *testing.T) {
	var none spend.Charge
	unknown := spend.Charge{State: spend.Unknown}
	eur := spend.Charge{Cost: pricing.Cost{Amount: 1, Currency: "EUR"}, State: spend.Known}
	type change struct{ before, now spend.Charge }
	for _, tt := range []struct {
		name    string
		changes []change
		want    string
	}{
		{"nothing", nil, "free"},
		{"only what is free", []change{{none, none}, {none, none}}, "free"},
		{"two", []change{{none, usd(2)}, {none, usd(3)}}, "5 USD"},
		{"one of 0", []change{{none, usd(0)}}, "0 USD"},
		{"one that is free", []change{{none, usd(2)}, {none, none}}, "2 USD"},
		{"one that is unknown", []change{{none, usd(2)}, {none, unknown}}, "unknown"},
		{"one that becomes known", []change{{none, usd(2)}, {none, unknown}, {unknown, usd(4)}}, "6 USD"},
		{"one that becomes unknown", []change{{none, usd(2)}, {usd(2), unknown}}, "unknown"},
		{"one that becomes more", []change{{none, usd(2)}, {none, usd(3)}, {usd(3), usd(7)}}, "9 USD"},
		{"one that becomes less", []change{{none, usd(2)}, {usd(2), usd(1)}}, "1 USD"},
		{"two currencies", []change{{none, usd(2)}, {none, eur}}, "unknown"},
		{"more money than there is", []change{{none, usd(math.MaxInt64)}, {none, usd(1)}}, "unknown"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var tally spend.Tally
			for _, c := range tt.changes {
				tally.Replace(c.before, c.now)
			}
			if got := show(tally.Total()); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// What is counted never falls, nothing is counted twice, and the charges that count sum to what is counted.
func TestAccount(t *testing.T) {
	unknown := spend.Charge{State: spend.Unknown}
	eur := spend.Charge{Cost: pricing.Cost{Amount: 9, Currency: "EUR"}, State: spend.Known}
	type step struct {
		newest    spend.Charge
		now, more string
	}
	for name, steps := range map[string][]step{
		"a cost that changes": {
			{usd(5), "5 USD", "5 USD"},
			{usd(5), "5 USD", "free"},
			{unknown, "5 USD", "free"},
			{spend.Charge{}, "5 USD", "free"},
			{usd(7), "7 USD", "2 USD"},
			{usd(6), "7 USD", "free"},
			{eur, "7 USD", "free"},
			{usd(8), "8 USD", "1 USD"},
		},
		"a cost of 0":            {{usd(0), "0 USD", "0 USD"}, {usd(0), "0 USD", "free"}, {usd(2), "2 USD", "2 USD"}},
		"one that becomes known": {{unknown, "unknown", "free"}, {usd(3), "3 USD", "3 USD"}, {unknown, "3 USD", "free"}},
		"one that is free":       {{spend.Charge{}, "free", "free"}, {unknown, "unknown", "free"}, {eur, "9 EUR", "9 EUR"}},
	} {
		t.Run(name, func(t *testing.T) {
			var account spend.Account
			var sum, counted spend.Tally
			for i, step := range steps {
				before, now, more := account.Set(step.newest)
				if show(now) != step.now || show(more) != step.more {
					t.Errorf("step %d: got %s, of which %s is new, want %s and %s", i, show(now), show(more), step.now, step.more)
				}
				sum.Replace(before, now)
				counted.Replace(spend.Charge{}, more)
				if is, was := show(sum.Total()), show(counted.Total()); is != was && is != "unknown" {
					t.Errorf("step %d: the sum is %s, and %s is counted", i, is, was)
				}
			}
		})
	}
}

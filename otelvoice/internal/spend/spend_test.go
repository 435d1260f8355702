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

// What is counted never falls, and nothing is counted twice.
func TestAccount(t *testing.T) {
	var account spend.Account
	for i, step := range []struct {
		now  spend.Charge
		want string // What is not counted yet.
	}{
		{usd(5), "5 USD"},
		{usd(5), "free"},
		{spend.Charge{State: spend.Unknown}, "free"},
		{usd(7), "2 USD"},
		{usd(6), "free"},
		{usd(8), "1 USD"},
		{spend.Charge{Cost: pricing.Cost{Amount: 9, Currency: "EUR"}, State: spend.Known}, "free"},
	} {
		if _, more := account.Set(step.now); show(more) != step.want {
			t.Errorf("step %d: got %s, want %s", i, show(more), step.want)
		}
	}
	var free spend.Account
	if _, more := free.Set(usd(0)); show(more) != "0 USD" {
		t.Errorf("a cost of 0 is counted as %s", show(more))
	}
}

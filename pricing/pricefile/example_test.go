// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package pricefile_test

import (
	"fmt"
	"time"

	"github.com/voice-agents/telemetry/pricing"
	"github.com/voice-agents/telemetry/pricing/pricefile"
)

// The names and prices of the file are invented.
func ExampleRead() {
	prices, err := pricefile.Read("testdata/invented.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, day := range []string{"2026-06-30", "2026-07-01"} {
		at, _ := time.Parse(time.DateOnly, day)
		call := pricing.Call{Provider: "acme", Model: "acme-chat-large", Time: at}
		call.Usage.InputTokens, call.Usage.OutputTokens = 2000, 100
		fmt.Println(prices.Cost(&call)) // 2,000 × 3 or 2.50 and 100 × 12, for a million.
	}
	// Output:
	// 0.0072 USD <nil>
	// 0.0062 USD <nil>
}

func ExampleParse() {
	_, err := pricefile.Parse("prices.yaml", []byte(`prices:
  - {provider: acme, model: acme-say, unit: character, price: 15, per: 1000000, currency: USD}
  - {provider: acme, model: acme-say, unit: character, price: -15, per: 1000000, currency: USD}
`))
	fmt.Println(err)
	// Output:
	// price file: pricing: prices.yaml:3: price "-15" is not a decimal number of 0 or more: use one such as 0.15
}

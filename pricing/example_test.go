// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package pricing_test

import (
	"fmt"
	"time"

	"github.com/voice-agents/telemetry/pricing"
)

// The names and prices are invented.
func Example() {
	prices, err := pricing.New(
		pricing.Price{Provider: "acme", Model: "acme-chat-*", Unit: pricing.InputToken, Price: "0.40", Per: 1_000_000, Currency: "USD"},
		pricing.Price{Provider: "acme", Model: "acme-chat-*", Unit: pricing.CachedInputToken, Price: "0.10", Per: 1_000_000, Currency: "USD"},
		pricing.Price{Provider: "acme", Model: "acme-chat-*", Unit: pricing.OutputToken, Price: "1.60", Per: 1_000_000, Currency: "USD"},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	call := pricing.Call{Provider: "acme", Model: "acme-chat-mini", Time: time.Now()}
	call.Usage.InputTokens, call.Usage.CacheReadInputTokens, call.Usage.OutputTokens = 1000, 600, 100
	fmt.Println(prices.Cost(&call)) // (400 × 0.40 + 600 × 0.10 + 100 × 1.60) / 1,000,000

	call.Usage.AudioOutputTokens = 10
	_, err = prices.Cost(&call)
	fmt.Println(err)
	// Output:
	// 0.00038 USD <nil>
	// pricing: the list has no price for audio_output_token of acme acme-chat-mini
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/pricing"
)

// The model and its prices are invented.
func ExampleWithPrices() {
	prices, err := pricing.New(
		pricing.Price{Provider: "acme", Model: "acme-chat-*", Unit: pricing.InputToken, Price: "0.40", Per: 1_000_000, Currency: "USD"},
		pricing.Price{Provider: "acme", Model: "acme-chat-*", Unit: pricing.CachedInputToken, Price: "0.10", Per: 1_000_000, Currency: "USD"},
		pricing.Price{Provider: "acme", Model: "acme-chat-*", Unit: pricing.OutputToken, Price: "1.60", Per: 1_000_000, Currency: "USD"},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	var lines bytes.Buffer
	tel := setup(voicesdk.WithLogWriter(&lines), voicesdk.WithInstrumentation(otelvoice.WithPrices(prices)))
	defer func() { _ = tel.Shutdown(context.Background()) }()
	ctx, session := tel.StartSession(context.Background())
	ctx, turn := session.StartTurn(ctx)
	_, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "acme", Name: "acme-chat-mini"})
	llm.SetUsage(otelvoice.Usage{InputTokens: 1000, CacheReadInputTokens: 600, OutputTokens: 100})
	llm.End(nil)

	var line struct {
		Message string
		Extra   struct {
			Cost     float64 `json:"voice.cost"`
			Currency string  `json:"voice.cost.currency"`
		} `json:"extra_data"`
	}
	_ = json.Unmarshal(lines.Bytes(), &line)
	fmt.Println(line.Message, line.Extra.Cost, line.Extra.Currency) // (400 × 0.40 + 600 × 0.10 + 100 × 1.60) / 1,000,000
	turn.End()
	session.End()
	// Output: llm completed 0.00038 USD
}

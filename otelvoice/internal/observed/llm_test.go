// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package observed_test

import (
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
	"github.com/voice-agents/telemetry/otelvoice/internal/observed"
)

// A stage may have several requests. Their sum may hide that the tokens of one contradict each other.
func TestContradictoryTokensOfOneOfTwoRequests(t *testing.T) {
	good := llmreport.Usage{InputTokens: 100, OutputTokens: 5}
	bad := llmreport.Usage{InputTokens: 10, CacheReadInputTokens: 50, OutputTokens: 5}
	impossible := llmreport.Usage{InputTokens: 100, OutputTokens: -1}.Plausible(func(attribute.Key, string) {})
	for name, tt := range map[string]struct {
		first, second llmreport.Usage
		want          bool
	}{
		"neither":    {good, good, false},
		"the first":  {bad, good, true},
		"the second": {good, bad, true},
		"impossible": {impossible, good, true},
	} {
		t.Run(name, func(t *testing.T) {
			var llm observed.LLM
			for _, usage := range []llmreport.Usage{tt.first, tt.second} {
				llm.Event(&wire.Event{Kind: wire.Requested}, time.Time{})
				llm.Use(usage)
			}
			if sum := llm.Usage(); tt.first == impossible && sum.OutputTokens >= 0 {
				t.Errorf("the sum with an impossible count has %d", sum.OutputTokens)
			}
			if llm.IsContradictory() != tt.want || llm.Usage().InputTokens != tt.first.InputTokens+tt.second.InputTokens {
				t.Errorf("contradictory: %t, %+v", llm.IsContradictory(), llm.Usage())
			}
		})
	}
}

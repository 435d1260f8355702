// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"strings"
	"time"

	"github.com/voice-agents/telemetry/semconv"
)

// segments are the segments of the response latency, in order.
func segments() []string {
	return []string{
		semconv.VoiceSegmentTranscription, semconv.VoiceSegmentEndpointing, semconv.VoiceSegmentDispatch,
		semconv.VoiceSegmentGeneration, semconv.VoiceSegmentAggregation, semconv.VoiceSegmentSynthesis, semconv.VoiceSegmentPlayout,
	}
}

func segmentNames() string { return strings.Join(segments(), ", ") }

// segmentBudgets reads a list such as generation=1s,synthesis=400ms. It returns false if a segment is
// unknown or there twice, and if a budget is invalid.
func segmentBudgets(text string) (budgets map[string]time.Duration, ok bool) {
	budgets = make(map[string]time.Duration)
	for member := range strings.SplitSeq(text, ",") {
		if member = strings.TrimSpace(member); member == "" {
			continue
		}
		name, budget, _ := strings.Cut(member, "=")
		name, ok = enum(segments()...)(strings.TrimSpace(name))
		if _, twice := budgets[name]; !ok || twice {
			return nil, false
		}
		if budget, ok = parseBudget(budget); !ok {
			return nil, false
		}
		budgets[name], _ = ParseDuration(budget)
	}
	return budgets, true
}

// parseSegmentBudgets writes the segments in order. An empty list is valid.
func parseSegmentBudgets(text string) (string, bool) {
	budgets, ok := segmentBudgets(text)
	var list []string
	for _, name := range segments() {
		if d, has := budgets[name]; has {
			budget, _ := parseBudget(d.String())
			list = append(list, name+"="+budget)
		}
	}
	return strings.Join(list, ","), ok
}

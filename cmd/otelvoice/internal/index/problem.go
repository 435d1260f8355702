// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package index

import (
	"math"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/semconv"
)

// problemSum is the kind of a turn whose segments do not sum to its response latency.
const problemSum = "segments_do_not_sum"

// exact is how far the sum of the segments may be from the response latency, in seconds. Those of the toolkit are
// equal; other frameworks round to milliseconds.
const exact = 0.001

// addSums adds the turns whose segments do not sum to the problems of a call. Turns without segments have none.
func addSums(c *call.Call) {
	p := call.Problem{Kind: problemSum}
	for _, t := range c.Turns {
		if t.ResponseLatency == nil || len(t.Segments) == 0 {
			continue
		}
		sum := 0.0
		for _, s := range t.Segments {
			sum += s.Duration
		}
		if math.Abs(sum-*t.ResponseLatency) <= exact {
			continue
		}
		if p.Count == 0 {
			p.Where = semconv.SpanVoiceTurn + " " + t.SpanID
		}
		p.Count++
	}
	if p.Count > 0 {
		c.Problems = append(c.Problems, p)
	}
}

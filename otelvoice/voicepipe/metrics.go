// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import "github.com/voice-agents/telemetry/otelvoice"

// TurnMetrics is what was measured in a turn: the numbers on its spans. Unknown ones are nil.
type TurnMetrics struct {
	TurnID  string
	Index   int // From 1.
	Outcome otelvoice.Outcome
	// Latency is how long the user waited for the agent's voice, and how that time was
	// spent. It is nil if the agent opened the turn or did not speak.
	Latency *otelvoice.Latency
	// Interruption is what cut the turn short, if anything did.
	Interruption *otelvoice.Interruption
	// Stages are the calls of providers and tools, in the order in which they ended,
	// failed attempts included.
	Stages []otelvoice.StageMetrics
}

// metricsOf returns what was measured in a turn that has ended.
func metricsOf(turn *otelvoice.Turn) TurnMetrics {
	m := TurnMetrics{TurnID: turn.ID(), Index: turn.Index()}
	m.Outcome, _ = turn.Outcome()
	if latency, ok := turn.Latency(); ok {
		m.Latency = &latency
	}
	if interruption, ok := turn.Interruption(); ok {
		m.Interruption = &interruption
	}
	m.Stages = turn.Stages()
	return m
}

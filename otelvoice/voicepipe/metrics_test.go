// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import "github.com/voice-agents/telemetry/otelvoice"

// turnMetrics is what a turn that has ended measured, in a form that tests compare. Unknown
// values are nil.
type turnMetrics struct {
	TurnID       string
	Index        int // From 1.
	Outcome      otelvoice.Outcome
	Latency      *otelvoice.Latency
	Interruption *otelvoice.Interruption
	Stages       []otelvoice.StageMetrics
}

// metricsOf returns what a turn that has ended measured.
func metricsOf(turn *otelvoice.Turn) turnMetrics {
	m := turnMetrics{TurnID: turn.ID(), Index: turn.Index()}
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

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/outcome"
	"github.com/voice-agents/telemetry/semconv"
)

// overBudget reports whether a response latency exceeds the budget. An unknown latency is 0.
func (t *Telemetry) overBudget(latency Latency) bool {
	return t.latencyBudget > 0 && latency.Response > t.latencyBudget
}

// appendBudget appends the budget if the response latency exceeds it.
func (t *Telemetry) appendBudget(attrs []attribute.KeyValue, latency Latency) []attribute.KeyValue {
	if !t.overBudget(latency) {
		return attrs
	}
	return append(attrs, semconv.VoiceTurnLatencyBudget(t.latencyBudget.Seconds()))
}

// turnLevel returns the level of a turn's end line.
func (t *Telemetry) turnLevel(ended outcome.Outcome, latency Latency) log.Severity {
	level := calllog.LevelFor(ended)
	if level < calllog.Warn && t.overBudget(latency) {
		return calllog.Warn
	}
	return level
}

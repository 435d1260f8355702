// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/settings"
	"github.com/voice-agents/telemetry/semconv"
)

// WithLatencyBudget sets how long users may wait for an answer. The end line of a turn
// whose response latency is longer is WARN where it would be INFO, and its line and span
// have the budget as voice.turn.latency_budget, to be found by it. The default is 5 s; the
// variable is OTELVOICE_LATENCY_BUDGET. A budget of 0 says nothing, and one below 0 or
// over an hour is an error of [Setup].
func WithLatencyBudget(budget time.Duration) Option {
	return WithLogConfig(LogConfig{LatencyBudget: budget})
}

// WithoutLatencyBudget sets no budget: a slow turn is logged as a fast one is.
func WithoutLatencyBudget() Option {
	return optionFunc(func(c config) config {
		c.Log = c.Log.With(settings.KeyLatencyBudget, "0")
		return c
	})
}

// overBudget reports whether a wait exceeds the budget. An unknown one is 0.
func (t *Telemetry) overBudget(latency Latency) bool {
	return t.set.LatencyBudget > 0 && latency.Response > t.set.LatencyBudget
}

// appendBudget appends the budget if the wait exceeds it.
func (t *Telemetry) appendBudget(attrs []attribute.KeyValue, latency Latency) []attribute.KeyValue {
	if !t.overBudget(latency) {
		return attrs
	}
	return append(attrs, semconv.VoiceTurnLatencyBudget(t.set.LatencyBudget.Seconds()))
}

// turnLevel returns the level of a turn's end line.
func (t *Telemetry) turnLevel(outcome Outcome, latency Latency) log.Severity {
	level := levelFor(outcome)
	if level < levelWarn && t.overBudget(latency) {
		return levelWarn
	}
	return level
}

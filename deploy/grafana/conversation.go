// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// conversation shows who speaks when.
func conversation() *dashboard.DashboardBuilder {
	var (
		talk       = stored(semconv.MetricVoiceTalkDuration())
		overlap    = stored(semconv.MetricVoiceOverlapDuration())
		silence    = stored(semconv.MetricVoiceSilenceDuration())
		deadAir    = stored(semconv.MetricVoiceDeadAirDuration())
		measured   = stored(semconv.MetricVoiceTalkAgentRatio()) + "_count"
		unknown    = stored(semconv.MetricVoiceTalkUnknownCount())
		users      = stored(semconv.MetricVoiceInterruptionCount())
		stopTime   = semconv.MetricVoiceInterruptionStopTime()
		longest    = semconv.MetricVoiceTalkLongest()
		bySide     = []attribute.Key{semconv.VoiceTalkSideKey}
		byActivity = []attribute.Key{semconv.VoiceDeadAirActivityKey}
		byRecovery = []attribute.Key{semconv.VoiceInterruptionRecoveryKey}
		byReason   = []attribute.Key{semconv.VoiceFalseInterruptionReasonKey}
		agents     = equal(semconv.VoiceTalkSideKey, semconv.VoiceTalkSideAgent)
		recovered  = stored(semconv.MetricVoiceInterruptionRecoveryCount())
		mistaken   = stored(semconv.MetricVoiceFalseInterruptionCount())
		// The talk of both sides, with silence between, is the conversation.
		conversed = "(sum(" + inRange(series(talk)) + ") - sum(" + inRange(series(overlap)) + ") + sum(" + inRange(series(silence)) + "))"
	)
	return page("voice-conversation", "Conversation", "Who speaks when: talk, silence and interruptions in both directions. Calls count when they end.").
		WithVariable(chosenJobs(talk)).
		WithPanel(number(percent, "Agent's part of the talk", "Of the talk time of both sides.",
			share("sum("+inRange(series(talk, agents))+")", "sum("+inRange(series(talk))+")"), above(0.7, 0.85)...)).
		WithPanel(number(percent, "Dead air", "Of the conversation, from the first speech to the last.",
			share("(sum("+inRange(series(deadAir))+") or vector(0))", conversed), above(0.1, 0.2)...)).
		WithPanel(number(seconds, "Stop time, p95", "From the start of the user's speech to the silence of the agent that it interrupts.",
			quantileInRange(0.95, stopTime), above(0.5, 1)...)).
		WithPanel(number(percent, "Turns that are not known", "A mark of speech is missing or implausible. Their calls have no talk time and no dead air.",
			share("(sum("+inRange(series(unknown))+") or vector(0))", "sum("+inRange(series(stored(semconv.MetricVoiceTurnCount())))+")"), above(0.05, 0.2)...)).
		WithPanel(stacked(graph(half, seconds, "Dead air of a call", "By what the agent did. The mean of calls that are measured.",
			each(share(by(perSecond(series(deadAir)), byActivity...), "on () group_left () sum("+perSecond(series(measured))+")"), byActivity...)))).
		WithPanel(stacked(graph(half, seconds, "Talk and silence of a call", "The mean of calls that are measured. Overlap is in the talk of both.",
			each(share(by(perSecond(series(talk)), bySide...), "on () group_left () sum("+perSecond(series(measured))+")"), bySide...),
			named("silence", share("sum("+perSecond(series(silence))+")", "sum("+perSecond(series(measured))+")"))))).
		WithPanel(graph(third, perSec, "Interruptions", "By the user, and by the agent that starts while the user speaks.",
			named("by the user", "sum("+perSecond(series(users))+")"),
			named("by the agent", "sum("+perSecond(series(stored(semconv.MetricVoiceAgentInterruptionCount())))+")"),
			named("backchannels", "sum("+perSecond(series(stored(semconv.MetricVoiceBackchannelCount())))+")"))).
		WithPanel(stacked(graph(third, perSec, "After an interruption", "How the agent goes on.",
			each(by(perSecond(series(recovered)), byRecovery...), byRecovery...)))).
		WithPanel(stacked(graph(third, perSec, "False interruptions", "By reason.",
			each(by(perSecond(series(mistaken)), byReason...), byReason...)))).
		WithPanel(graph(half, seconds, "Stop time", "From the start of the user's speech to the agent's silence.",
			withLegend{expr: quantile(0.5, stopTime, nil), legend: "median", exemplars: true},
			named("p95", quantile(0.95, stopTime, nil)))).
		WithPanel(graph(half, seconds, "Longest monologue of a call, p95", "By side.",
			each(quantile(0.95, longest, bySide), bySide...)))
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/otelvoice/internal/outcome"
	"github.com/voice-agents/telemetry/semconv"
)

// WithSegmentBudget sets the maximum acceptable duration of a segment of the response latency. The
// default is none; 0 removes the budget. If a turn exceeds it, its end line has the level WARN
// instead of INFO, the line and the span name the segment in voice.turn.over_budget, and
// voice.turn.over_budget.count counts it by voice.budget. Interrupted turns count as others do.
//
// A segment into which earlier ones are merged, because a mark is missing (see [Latency]), is
// compared with the sum of their budgets and its own, and not at all if one of them has none: set
// budgets of segments whose marks are made. A turn without an answer counts with the segments that
// were over. If the agent was at work on an answer, no audio had arrived, and the turn did not
// complete, the segment that was open counts with its time up to the user's next speech, the
// interruption or the end.
//
// [New] returns an error for an unknown segment, and for a budget below 0 or above an hour.
func WithSegmentBudget(segment SegmentName, budget time.Duration) Option {
	return optionFunc(func(c config) config {
		var err error
		switch {
		case budget < 0 || budget > latency.Max:
			err = fmt.Errorf("budget %s of the segment %s is out of range: want 0 to 1h", budget, segment)
		case !c.budgets.SetSegment(latency.SegmentName(segment), budget):
			err = fmt.Errorf("segment %q of a budget is unknown: want one of transcription, endpointing, dispatch, generation, aggregation, synthesis, playout", segment)
		}
		if err != nil {
			c.invalidBudgets = append(slices.Clip(c.invalidBudgets), err)
		}
		return c
	})
}

// overBudget is what a turn exceeded. The zero value is nothing.
type overBudget struct {
	budgets latency.Exceeded
	slowest latency.SegmentIndex
}

// judge compares the turn with its budgets. answered is its response latency, if that was measured, and
// previous the end of speech of the turns before. The caller holds the turn's lock.
func (t *Turn) judge(answered latency.Breakdown, previous, now time.Time) {
	budgets := &t.session.tel.budgets
	switch {
	case t.config.initiator == initiatorAgent || t.isDetached || budgets.Response == 0 && !budgets.HasSegments():
		return
	case t.measured:
		t.over.budgets = budgets.Exceeded(&answered)
	default:
		answered, t.over.budgets = t.judgeWait(budgets, previous, now)
	}
	if t.over.budgets.Has(latency.ExceededResponse) {
		t.over.slowest = answered.Slowest()
	}
}

// judgeWait compares a turn whose response latency is unknown, with the time that the user waited.
func (t *Turn) judgeWait(budgets *latency.Budgets, previous, now time.Time) (latency.Breakdown, latency.Exceeded) {
	until := now
	if at := t.interruption.at; t.account.Interrupted() && at.Before(now) {
		until = at
	}
	wait, ok := t.marks.Waited(until)
	if !ok || !previous.IsZero() && !wait.UserStopped.After(previous) {
		return latency.Breakdown{}, 0
	}
	if t.decided == Completed || !wait.IsOwed { // Nobody waited for an answer, as far as is known.
		exceeded := budgets.Exceeded(&wait.Over) &^ latency.ExceededResponse
		return wait.Over, exceeded
	}
	soFar := wait.SoFar()
	exceeded := budgets.Exceeded(&soFar)
	return soFar, exceeded
}

// countOverBudget counts the turn if it exceeded budgets, and appends the attributes for that.
func (t *Turn) countOverBudget(attrs []attribute.KeyValue) []attribute.KeyValue {
	over := t.over // It does not change after the end.
	if over.budgets == 0 {
		return attrs
	}
	tel, names := t.session.tel, over.budgets.Names()
	for _, name := range names {
		tel.emit.Metrics.OverBudget(t.ctx, name, t.session.config.channel, t.session.variant.dimensions)
	}
	if over.budgets.Has(latency.ExceededResponse) {
		attrs = append(attrs, semconv.VoiceTurnLatencyBudget(tel.budgets.Response.Seconds()))
	}
	if name := over.slowest.Name(); name != "" {
		attrs = append(attrs, semconv.VoiceTurnSlowestSegment(string(name)))
	}
	return append(attrs, semconv.VoiceTurnOverBudget(names...))
}

// level returns the level of the turn's end line.
func (t *Turn) level(ended outcome.Outcome) log.Severity {
	level := calllog.LevelFor(ended)
	if level < calllog.Warn && t.over.budgets != 0 {
		return calllog.Warn
	}
	return level
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
	"github.com/voice-agents/telemetry/otelvoice/internal/outcome"
	"github.com/voice-agents/telemetry/semconv"
)

// End ends the turn. Stages that are still open end as abandoned. End computes the segments,
// records the turn's metrics and writes its summary line. Only the first End counts. A deferred
// End records a panic as the turn's error and panics again.
func (t *Turn) End() {
	if r := recover(); r != nil {
		t.end(Failed, failure.NewPanic(r), 0)
		panic(r)
	}
	t.end("", nil, t.endedAt())
}

// end ends the turn with the given outcome, or with the turn's own if ending is "". pc is the
// source location of the log line, or 0 if it has to be found.
func (t *Turn) end(ending Outcome, err error, pc uintptr) {
	if t == nil {
		return
	}
	g := t.session.tel.emit.Guard
	defer g.Underway.Leave(g.Underway.Enter())
	t.mu.Lock()
	if t.ended {
		t.mu.Unlock()
		return
	}
	t.ended, t.byParent = true, ending == Abandoned
	t.slow.stop()
	open, ends := slices.Clone(t.work.open), t.ends
	t.mu.Unlock()
	for _, stage := range open {
		stage.abandon()
	}
	for _, end := range ends {
		g.Observe(end)
	}
	previous := t.session.conversation.EndOfSpeechBefore(t.index)

	t.mu.Lock()
	agentStarted, agentHeard := t.marks.AgentStarted()
	if err == nil {
		err = t.account.Failure(agentHeard)
	}
	decided := t.account.Decide(outcome.Outcome(ending), err, agentHeard)
	t.decided = Outcome(decided)
	breakdown, measured, reason := t.marks.Latency(previous)
	if t.config.initiator == initiatorAgent {
		measured, reason = false, ""
	}
	stopped, _ := t.marks.EndOfSpeech()
	if t.measured = measured; measured {
		t.latency = newLatency(&breakdown, t.work.toolTime(stopped.At, breakdown.Response))
	}
	interrupted := t.account.CountsAsInterruption(decided)
	now := time.Now()
	t.judge(breakdown, previous, now)
	if !measured && stopped.At.After(now) {
		stopped.At = time.Time{} // From another clock: later turns cannot be compared with it.
	}
	t.hear(now, ending, agentStarted, agentHeard, interrupted)
	t.mu.Unlock()

	t.session.turnEnded(t, interrupted, stopped.At, agentStarted)
	t.session.talked(t)
	if reason != "" {
		t.session.tel.emit.Dropped(t.ctx, semconv.VoiceTurnResponseLatencyKey, reason)
	}
	if decided != outcome.Failed {
		err = nil
	}
	t.record(now, decided, err, pc)
}

// record records the turn's metrics, span attributes and log line.
func (t *Turn) record(now time.Time, ended outcome.Outcome, err error, pc uintptr) {
	tel, channel := t.session.tel, t.session.config.channel
	defer tel.emit.Guard.Recovered(guard.Instruments)
	defer tel.emit.Guard.End(t.span, now)
	latency, measured := t.Latency()
	key := instrument.Turn{
		Outcome: instrument.Outcome(ended), Anchor: string(latency.Anchor),
		Initiator: t.config.initiator, Channel: channel, Variant: t.session.variant.dimensions,
	}
	meter := tel.emit.Metrics.Turn(key)
	meter.Ended(t.ctx)
	attrs := make([]attribute.KeyValue, 0, 24)
	attrs = append(attrs, semconv.VoiceTurnOutcome(string(ended)))
	attrs = append(attrs, t.session.variant.attributes...)
	attrs = t.session.recording.Load().offset(t.start, attrs)
	attrs = t.recordedSpeech(attrs)
	if measured {
		seconds := latency.Response.Seconds()
		meter.ResponseLatency(t.ctx, seconds)
		attrs = append(attrs, semconv.VoiceTurnResponseLatency(seconds))
		for _, segment := range latency.Segments {
			meter.SegmentLatency(t.ctx, instrument.SegmentName(segment.Name), segment.Duration.Seconds())
			attrs = append(attrs, segment.attribute())
		}
		if latency.Anchor != "" {
			attrs = append(attrs, semconv.VoiceTurnAnchor(string(latency.Anchor)))
		}
		if latency.ToolTime > 0 {
			attrs = append(attrs, semconv.VoiceTurnToolTime(latency.ToolTime.Seconds()))
		}
	}
	attrs = t.countOverBudget(attrs)
	attrs = t.recordTalk(t.spent.Total().Attributes(attrs))
	t.mu.Lock()
	came, interruption := t.account.Interrupted(), t.interruption
	interrupted := t.account.CountsAsInterruption(ended)
	t.recorded = true
	attrs = append(attrs, t.attrs...)
	t.mu.Unlock()
	if interrupted {
		tel.emit.Metrics.Interrupted(t.ctx, string(interruption.source), channel)
	}
	if interrupted && came {
		attrs = append(attrs, semconv.VoiceInterruptionSource(string(interruption.source)))
		if interruption.known {
			attrs = append(attrs, semconv.VoicePlayoutPosition(interruption.played.Seconds()))
		}
	}

	if t.span.IsRecording() {
		t.span.SetAttributes(attrs...)
		switch ended {
		case outcome.Completed:
			t.span.SetAttributes(semconv.GenAIAgentInvocationEndReason(semconv.GenAIAgentInvocationEndReasonCompleted))
		case outcome.Interrupted:
			t.span.SetAttributes(semconv.GenAIAgentInvocationEndReason(semconv.GenAIAgentInvocationEndReasonInterrupted))
		case outcome.Abandoned:
			t.span.SetAttributes(semconv.GenAIAgentInvocationEndReason(semconv.GenAIAgentInvocationEndReasonSessionClosed))
		case outcome.Failed:
			t.span.SetAttributes(semconv.ErrorType(errorType(err)))
			t.span.SetStatus(codes.Error, failure.Message(err))
		}
	}
	tel.emit.Log.Turn(t.ctx, t.level(ended), "turn "+string(ended), err, pc,
		append(attrs,
			semconv.VoicePhase(semconv.VoicePhaseTurnEnd),
			semconv.VoiceTurnIndex(t.index),
			semconv.VoiceTurnInitiator(t.config.initiator),
			semconv.VoiceDuration(now.Sub(t.start).Seconds()),
			calllog.TurnFigures(now.Sub(t.start), ended, latency.Response, measured))...)
}

// errorType returns the error's type, or the value of the conventions for an unknown error.
func errorType(err error) string {
	if t := failure.Type(err); t != "" {
		return t
	}
	return "_OTHER"
}

// late counts a change to the turn after its end as dropped. It logs a warning if the turn was
// ended by its own End. It does not if the session ended the turn: when a caller hangs up, work
// of the turn is often still running.
func (t *Turn) late(what string) {
	tel := t.session.tel
	tel.emit.Dropped(t.ctx, attribute.Key(what), semconv.VoiceDropReasonLate)
	t.mu.Lock()
	byParent := t.byParent
	t.mu.Unlock()
	if byParent {
		return
	}
	tel.emit.Log.LateTurn(t.ctx, what+" came after the turn had ended and is not recorded",
		semconv.VoiceTurnIndex(t.index))
}

// endedAt returns the program counter of the caller of End, or 0 if the end of the turn is not
// logged.
func (t *Turn) endedAt() uintptr {
	if t == nil || !t.session.tel.emit.Log.TurnEnabled(t.ctx, calllog.Info) {
		return 0
	}
	return calllog.CallersCaller()
}

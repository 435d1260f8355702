// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
	"github.com/voice-agents/telemetry/otelvoice/internal/outcome"
	"github.com/voice-agents/telemetry/otelvoice/internal/spend"
	"github.com/voice-agents/telemetry/otelvoice/internal/stagerecord"
	"github.com/voice-agents/telemetry/pricing"
	"github.com/voice-agents/telemetry/semconv"
)

// stage is the common part of STT, LLM, TTS, Realtime and Tool: the record of a stage, and its turn. Each kind
// adds its own measurements with its report function.
type stage struct {
	stagerecord.Record

	turn     *Turn
	account  spend.Account         // The lock of Set guards it.
	unpriced *pricing.UnknownError // Why the cost is unknown. It is set once, before the end of Close.
	// The tokens of an ended stage as they were reported, with those that contradict each other, and whether earlier
	// requests of the stage had such. The lock of Set guards both.
	reported        llmreport.Usage
	isContradictory bool
}

// The kinds of stage spans, as options that are allocated once.
var asClient, asInternal = trace.WithSpanKind(trace.SpanKindClient), trace.WithSpanKind(trace.SpanKindInternal)

// begin starts the stage's span under the turn's.
func (s *stage) begin(ctx context.Context, t *Turn, name string, kind trace.SpanStartOption, opts []StageOption, attrs ...attribute.KeyValue) context.Context {
	e := t.session.tel.emit
	defer e.Guard.Underway.Leave(e.Guard.Underway.Enter())
	cfg := newStageConfig(opts)
	turn := stagerecord.Parent{Emit: e, IDs: t.ids, Span: t.span, Index: t.index, IsDetached: t.isDetached}
	if turn.Ended = cfg.isLate; !cfg.isFilled {
		turn.Ended = t.hasEnded()
	}
	s.turn = t
	s.Begin(ctx, &turn, name, kind, cfg.start, cfg.attributes, attrs)
	if cfg.isFilled {
		s.Claim()
	}
	// Last, because other goroutines can use the stage from now on.
	switch missed := t.stageStarted(s); {
	case turn.Ended:
		e.Log.LateStage(s.Uncancelled, s.Kind, s.Kind+" started after its turn had ended")
	case missed: // The turn ended meanwhile without ending this stage.
		s.abandon()
	}
	return s.Ctx
}

// end ends the stage once. The caller has handled a panic. pc is the source location of the log
// line, or 0 if it has to be found.
func (s *stage) end(err error, pc uintptr) {
	o, err := outcome.Of(s.Ctx, err)
	s.finish(o, err, pc)
}

// abandon ends the stage when its turn ends first.
func (s *stage) abandon() { s.finish(outcome.Abandoned, nil, 0) }

func (s *stage) finish(o outcome.Outcome, err error, pc uintptr) {
	g := s.turn.session.tel.emit.Guard
	defer g.Underway.Leave(g.Underway.Enter())
	end, attrs, first := s.Close(o, err)
	if !first {
		return
	}
	s.turn.session.warn(s.Uncancelled, s.Kind, s.unpriced)
	// Update the turn before the log line: once the line is written, the turn's End may run.
	s.turn.stageEnded(s, end, attrs)
	s.Finish(end, s.turn.session.recording.Load().offset(s.Start, attrs), pc)
}

// addOrLog adds attributes to the stage or, if it has ended, writes a log line with them. If it
// ended more than a minute ago, the key is counted as dropped.
func (s *stage) addOrLog(key attribute.Key, what string, attrs []attribute.KeyValue) {
	if len(attrs) == 0 || s.AddIfOpen(attrs) {
		return
	}
	if !s.RecordLate(func(*instrument.StageMeter) {}) {
		s.turn.session.tel.emit.Dropped(s.Uncancelled, key, semconv.VoiceDropReasonLate)
		return
	}
	s.logLate(what, attrs, attrs)
}

// logLate writes a log line about an ended stage with the measurements that were not recorded
// so far, and updates the stage's metrics with all of them.
func (s *stage) logLate(what string, more, all []attribute.KeyValue) {
	g := s.turn.session.tel.emit.Guard
	defer g.Underway.Leave(g.Underway.Enter())
	s.turn.amend(s, all)
	s.LogLate(what, more)
}

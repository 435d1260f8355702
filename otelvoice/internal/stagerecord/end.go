// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package stagerecord

import (
	"cmp"
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

// End is how and when a stage ended.
type End struct {
	At      time.Time
	Outcome outcome.Outcome
	Err     error // The error of a failed stage.
	StopErr error // The error of an interrupted or abandoned stage.
	// Interrupted is whether a barge-in came while the stage was open.
	Interrupted bool
}

// ending holds when and how a stage ended, and its meter. It is zero while the stage is open.
type ending struct {
	at      time.Time
	outcome outcome.Outcome
	meter   *instrument.StageMeter // Nil if the meter provider panicked.
}

func (e ending) ended() bool { return !e.at.IsZero() }

// finishedItself reports whether the stage ended by its own End, without an interruption.
func (e ending) finishedItself() bool {
	return e.outcome == outcome.Completed || e.outcome == outcome.Failed
}

// PC returns the program counter of the caller of the stage's End, or 0 if the end of the stage is
// not logged. Only a method End may call it.
func (s *Record) PC() uintptr {
	if !s.emit.Log.StageEnabled(s.Uncancelled, s.Kind, calllog.Info) {
		return 0
	}
	return calllog.CallersCaller()
}

// Close marks the stage as ended now, or when it was Finished, records its metrics and returns its attributes, and whether it
// was open. err is the error of the work.
func (s *Record) Close(o outcome.Outcome, err error) (end End, attrs []attribute.KeyValue, first bool) {
	end = End{At: time.Now(), Outcome: o}
	if o == outcome.Failed {
		end.Err = err
	} else {
		end.StopErr = err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over.ended() {
		return end, nil, false
	}
	first = true
	if end.Interrupted = s.interrupted; s.interrupted && (end.Outcome != outcome.Failed || outcome.ClosedHere(end.Err)) {
		end.Outcome, end.StopErr, end.Err = outcome.Interrupted, cmp.Or(end.StopErr, end.Err), nil
	}
	if !s.Finished.IsZero() {
		end.At = s.Finished
	}
	s.over = ending{at: end.At, outcome: end.Outcome}
	defer s.emit.Guard.Recovered(guard.Instruments)
	meter := s.emit.Metrics.Stage(instrument.Stage{
		Kind: instrument.StageKind(s.Kind), Operation: s.Operation, Outcome: instrument.Outcome(end.Outcome),
		Provider: s.Model.Provider, Model: s.Model.Name, Language: s.Language,
		ErrorType: failure.Type(end.Err), IsDetached: s.isDetached,
	})
	s.over.meter = meter
	meter.Ended(s.Uncancelled, s.Worked(end).Seconds())
	attrs = make([]attribute.KeyValue, 0, 24+len(s.attrs))
	attrs = append(attrs, semconv.VoiceStageOutcome(string(end.Outcome)))
	attrs = s.Report(end, meter, attrs)
	if held := s.waits.held; held > 0 {
		attrs = append(attrs, semconv.VoiceStageHeldUp(held.Seconds()))
	}
	if len(s.requests) > 0 {
		attrs = append(attrs, semconv.VoiceProviderRequestIDs(s.requests...))
	}
	if n := s.resends.Count(); n > 0 {
		attrs = append(attrs, semconv.VoiceStageResends(n))
		meter.Resent(s.Uncancelled, int64(n))
	}
	attrs = appendMissing(attrs, s.Seen, s.attrs)
	attrs = append(attrs, s.attrs...)
	return end, attrs, first
}

// Finish ends the span of a closed stage and writes its end line. pc is the source location of the
// line, or 0 if it has to be found.
func (s *Record) Finish(end End, attrs []attribute.KeyValue, pc uintptr) {
	defer s.emit.Guard.End(s.Span, end.At)
	if s.Span.IsRecording() {
		s.Span.SetAttributes(attrs...)
		if end.Err != nil {
			s.Span.SetAttributes(semconv.ErrorType(failure.Type(end.Err)))
			s.Span.SetStatus(codes.Error, failure.Message(end.Err))
		}
	}
	if level := calllog.LevelFor(end.Outcome); s.emit.Log.StageEnabled(s.Uncancelled, s.Kind, level) {
		seconds := end.At.Sub(s.Start).Seconds()
		s.emit.Log.Stage(s.Uncancelled, &s.Stage, level, string(end.Outcome), end.Err, pc,
			append(attrs,
				semconv.VoicePhase(semconv.VoicePhaseStageEnd),
				semconv.VoiceDuration(seconds),
				calllog.StageFigures(seconds, end.Outcome, attrs))...)
	}
}

// Interrupt marks an open stage as interrupted. STT continues during a barge-in, and work that was
// finished is not interrupted.
func (s *Record) Interrupt() {
	if s.Kind == semconv.VoiceStageSTT {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.interrupted = s.Finished.IsZero()
}

// Resume reverts Interrupt.
func (s *Record) Resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.interrupted = false
}

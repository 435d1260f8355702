// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/instrument"
	"github.com/voice-agents/telemetry/semconv"
)

// ending holds when and how a stage ended, and its meter. It is zero while the stage is open.
type ending struct {
	at      time.Time
	outcome Outcome
	meter   *instrument.StageMeter // Nil if the meter provider panicked.
}

func (e ending) ended() bool { return !e.at.IsZero() }

// finishedItself reports whether the stage ended by its own End, without an interruption.
func (e ending) finishedItself() bool { return e.outcome == Completed || e.outcome == Failed }

// lateness is how long after its end a stage or stream accepts usage. Realtime and chat
// providers send usage within seconds after a barge-in.
const lateness = time.Minute

// tooLate reports whether a stage or stream ended too long ago to accept usage.
func tooLate(ended, now time.Time) bool {
	return !ended.IsZero() && now.Sub(ended) > lateness
}

// recordLate records measurements after the end of the stage. It returns false without calling
// record if the stage is open or ended too long ago.
func (s *stage) recordLate(record func(meter *instrument.StageMeter)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over.meter == nil || tooLate(s.over.at, time.Now()) {
		return false
	}
	defer s.turn.session.tel.guard.recovered(instruments)
	record(s.over.meter)
	return true
}

// put changes a measurement of the stage, and reports false if the stage has ended: then the
// measurement is counted as dropped. If the stage ended by its own End, put logs a warning, once
// for each place in the code. The client of an interrupted stage may still be running.
func (s *stage) put(key attribute.Key, change func()) bool {
	if s.set(change) {
		return true
	}
	tel := s.turn.session.tel
	tel.dropped(s.record, key, semconv.VoiceDropReasonLate)
	s.mu.Lock()
	early := s.over.finishedItself()
	s.mu.Unlock()
	if early {
		tel.lines.late(s.record, tel.lines.stages[s.kind], string(key)+" came after the stage had ended and is not recorded")
	}
	return false
}

// addOrLog adds attributes to the stage or, if it has ended, writes a log line with them. If it
// ended more than a minute ago, the key is counted as dropped.
func (s *stage) addOrLog(key attribute.Key, what string, attrs []attribute.KeyValue) {
	if len(attrs) == 0 || s.set(func() { s.attrs = appendBounded(s.attrs, attrs) }) {
		return
	}
	if !s.recordLate(func(*instrument.StageMeter) {}) {
		s.turn.session.tel.dropped(s.record, key, semconv.VoiceDropReasonLate)
		return
	}
	s.logLate(what, attrs, attrs)
}

// logLate writes a log line about an ended stage with the measurements that were not recorded
// so far, and updates the stage's metrics with all of them.
func (s *stage) logLate(what string, more, all []attribute.KeyValue) {
	tel := s.turn.session.tel
	defer tel.guard.underway.leave(tel.guard.underway.enter())
	s.turn.amend(s, all)
	tel.lines.stage(s, levelInfo, what, nil, 0, append(more, semconv.VoicePhase(semconv.VoicePhaseStageLate))...)
}

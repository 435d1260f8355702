// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/instrument"
	"github.com/voice-agents/telemetry/semconv"
)

// ending is when and how a stage ended, and what measured it. The zero ending is of a stage that
// is open.
type ending struct {
	at      time.Time
	outcome Outcome
	meter   *instrument.StageMeter // Nil if the meter provider panicked.
}

func (e ending) ended() bool { return !e.at.IsZero() }

// byItself reports whether the stage came to its own end, and was not cut short.
func (e ending) byItself() bool { return e.outcome == Completed || e.outcome == Failed }

// lateness is how long after the end of a stage or a stream its usage is accepted:
// realtime and chat vendors send it within seconds after a barge-in.
const lateness = time.Minute

// tooLate reports whether something ended too long ago for its usage to be accepted.
func tooLate(ended, now time.Time) bool {
	return !ended.IsZero() && now.Sub(ended) > lateness
}

// afterwards records what comes after the end of the stage, and reports whether it came in
// time.
func (s *stage) afterwards(record func(meter *instrument.StageMeter)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over.meter == nil || tooLate(s.over.at, time.Now()) {
		return false
	}
	defer s.turn.session.tel.guard.recovered(instruments)
	record(s.over.meter)
	return true
}

// put changes what the stage records under a key, and reports whether it came in time. What
// comes after the end is counted. It is warned of, once for each place in the code, if the stage's
// own End came too early: one that was cut short may well have its client still at work.
func (s *stage) put(key attribute.Key, change func()) bool {
	if s.set(change) {
		return true
	}
	tel := s.turn.session.tel
	tel.dropped(s.record, key, semconv.VoiceDropReasonLate)
	s.mu.Lock()
	early := s.over.byItself()
	s.mu.Unlock()
	if early {
		tel.lines.late(s.record, tel.lines.stages[s.kind], string(key)+" came after the stage had ended and is not recorded")
	}
	return false
}

// addOrTell adds attributes to the stage or, if it has ended, writes a line with them. What
// comes too late for that is counted by the key.
func (s *stage) addOrTell(key attribute.Key, what string, attrs []attribute.KeyValue) {
	if len(attrs) == 0 || s.set(func() { s.attrs = appendBounded(s.attrs, attrs) }) {
		return
	}
	if !s.afterwards(func(*instrument.StageMeter) {}) {
		s.turn.session.tel.dropped(s.record, key, semconv.VoiceDropReasonLate)
		return
	}
	s.tellLate(what, attrs, attrs)
}

// tellLate writes a line about an ended stage with what was not recorded of it so far, and
// puts all that is known into its record.
func (s *stage) tellLate(what string, more, all []attribute.KeyValue) {
	tel := s.turn.session.tel
	defer tel.guard.underway.leave(tel.guard.underway.enter())
	s.turn.amend(s, all)
	tel.lines.stage(s, levelInfo, what, nil, 0, append(more, semconv.VoicePhase(semconv.VoicePhaseStageLate))...)
}

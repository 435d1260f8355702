// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package stagerecord

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
	"github.com/voice-agents/telemetry/semconv"
)

// Set calls change under the lock unless the stage has ended, and reports whether it did. So a
// stream that continues after the end of its stage has no effect.
func (s *Record) Set(change func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over.ended() {
		return false
	}
	change()
	return true
}

// Once sets an instant of the stage to now, unless it is set or the stage has ended, and reports
// whether it did. It reads the clock only in that case.
func (s *Record) Once(key attribute.Key, at *time.Time) (now time.Time, first bool) {
	if !s.Set(func() {
		if first = at.IsZero(); first {
			now = time.Now()
			*at = now
		}
	}) && s.lacks(at) {
		s.Put(key, func() {})
	}
	return now, first
}

// lacks reports whether the stage was ended by its own End and an instant was never set.
func (s *Record) lacks(at *time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return at.IsZero() && s.over.finishedItself()
}

// AddRequestID adds the id that the provider gave a request.
func (s *Record) AddRequestID(id string) {
	if id == "" {
		return
	}
	s.Put(semconv.VoiceProviderRequestIDsKey, func() { s.keepRequestID(id) })
}

// keepRequestID adds an id. The lock is held.
func (s *Record) keepRequestID(id string) {
	if id != "" && len(s.requests) < MaxRequestIDs && !slices.Contains(s.requests, id) {
		s.requests = append(s.requests, id)
	}
}

// AddAttributes adds attributes for the end.
func (s *Record) AddAttributes(attrs []attribute.KeyValue) {
	if len(attrs) > 0 {
		s.Put(attrs[0].Key, func() { s.attrs = emit.AppendBounded(s.attrs, attrs) })
	}
}

// AddIfOpen adds attributes for the end unless the stage has ended, and reports whether it did.
func (s *Record) AddIfOpen(attrs []attribute.KeyValue) bool {
	return s.Set(func() { s.attrs = emit.AppendBounded(s.attrs, attrs) })
}

// Attribute returns a string that the program or the transport of voicehttp set, or "". It is for
// Report and for RecordLate, under the lock of Set.
func (s *Record) Attribute(key attribute.Key) string {
	for _, attrs := range [...][]attribute.KeyValue{s.attrs, s.Seen} {
		for _, kv := range slices.Backward(attrs) {
			if kv.Key == key {
				return kv.Value.AsString()
			}
		}
	}
	return ""
}

// Since returns the seconds from the start of the stage, if they are plausible.
func (s *Record) Since(key attribute.Key, at time.Time) (seconds float64, ok bool) {
	if at.IsZero() {
		return 0, false
	}
	d := at.Sub(s.Start)
	return d.Seconds(), s.emit.Plausible(s.Uncancelled, key, d)
}

// RealTimeFactor returns the stage's duration divided by that of its audio.
func (s *Record) RealTimeFactor(end End, audio time.Duration) (factor float64, ok bool) {
	if audio <= 0 {
		return 0, false
	}
	return s.Worked(end).Seconds() / audio.Seconds(), true
}

// RecordLate records measurements after the end of the stage. It returns false without calling
// record if the stage is open or ended too long ago.
func (s *Record) RecordLate(record func(meter *instrument.StageMeter)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over.meter == nil || emit.TooLate(s.over.at, time.Now()) {
		return false
	}
	defer s.emit.Guard.Recovered(guard.Instruments)
	record(s.over.meter)
	return true
}

// Put changes a measurement of the stage, and reports false if the stage has ended: then the
// measurement is counted as dropped. If the stage ended by its own End, Put logs a warning, once
// for each place in the code. The client of an interrupted stage may still be running.
func (s *Record) Put(key attribute.Key, change func()) bool {
	if s.Set(change) {
		return true
	}
	s.emit.Dropped(s.Uncancelled, key, semconv.VoiceDropReasonLate)
	s.mu.Lock()
	early := s.over.finishedItself()
	s.mu.Unlock()
	if early {
		s.emit.Log.LateStage(s.Uncancelled, s.Kind, string(key)+" came after the stage had ended and is not recorded")
	}
	return false
}

// LogLate writes a log line about an ended stage with measurements that were not recorded so far.
func (s *Record) LogLate(what string, attrs []attribute.KeyValue) {
	s.emit.Log.Stage(s.Uncancelled, &s.Stage, calllog.Info, what, nil, 0, append(attrs, semconv.VoicePhase(semconv.VoicePhaseStageLate))...)
}

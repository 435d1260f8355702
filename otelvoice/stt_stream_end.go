// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/otelvoice/internal/audioclock"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
	"github.com/voice-agents/telemetry/otelvoice/internal/outcome"
	"github.com/voice-agents/telemetry/semconv"
)

// End ends the stream with the error of its connection, if any. It does not end utterances,
// because the last transcript may arrive after the connection is closed. Only the first End
// counts. A deferred End records a panic as the error and panics again.
func (s *STTStream) End(err error) {
	if r := recover(); r != nil {
		s.end(failure.NewPanic(r))
		panic(r)
	}
	s.end(err)
}

func (s *STTStream) end(err error) {
	if s == nil {
		return
	}
	tel := s.session.tel
	defer tel.emit.Guard.Underway.Leave(tel.emit.Guard.Underway.Enter())
	now := time.Now()
	s.mu.Lock()
	if !s.state.Open() {
		s.mu.Unlock()
		return
	}
	never, outage, lost := s.state.End(now)
	attrs := s.attributes()
	s.count()
	attrs, unpriced := s.charge(attrs)
	s.mu.Unlock()
	s.session.warn(s.record, semconv.VoiceStageSTT, unpriced)
	s.session.streams.remove(s)

	ended, err := outcome.Of(s.ctx, err)
	if ended != outcome.Failed {
		err = nil
	}
	defer tel.emit.Guard.End(s.span, now)
	s.measure(now, ended, err, never, lost, outage)
	attrs = append(attrs, semconv.VoiceStreamOutcome(string(ended)))
	if s.span.IsRecording() {
		s.span.SetAttributes(attrs...)
		if err != nil {
			s.span.SetAttributes(semconv.ErrorType(errorType(err)))
			s.span.SetStatus(codes.Error, failure.Message(err))
		}
	}
	seconds := now.Sub(s.start).Seconds()
	s.line(calllog.LevelFor(ended), string(ended), err, append(attrs,
		semconv.VoicePhase(semconv.VoicePhaseStreamEnd),
		semconv.VoiceDuration(seconds),
		calllog.StageFigures(seconds, ended, attrs))...)
}

// measure records the stream's metrics. If the stream failed and never connected, its duration is
// that of the failed attempt to connect. If it ended in an outage, the outage is recorded.
func (s *STTStream) measure(now time.Time, ended outcome.Outcome, err error, never, lost bool, outage time.Duration) {
	defer s.session.tel.emit.Guard.Recovered(guard.Instruments)
	tel, failed := s.session.tel, s.meter(failure.Type(err))
	if d := now.Sub(s.start); tel.emit.PlausibleUpTo(s.record, semconv.VoiceDurationKey, d, emit.LongestCall) {
		failed.Ended(s.record, instrument.Outcome(ended), d.Seconds())
		if never && err != nil && tel.emit.Plausible(s.record, semconv.VoiceStreamConnectDurationKey, d) {
			failed.Connected(s.record, d.Seconds())
		}
	}
	if lost && tel.emit.Plausible(s.record, semconv.VoiceStreamOutageKey, outage) {
		failed.Reconnected(s.record, outage.Seconds())
	}
}

// attributes returns the attributes of the stream.
func (s *STTStream) attributes() []attribute.KeyValue {
	format, size := s.state.Format()
	attrs := audioclock.Audio{Format: format, Size: size}.Attributes(make([]attribute.KeyValue, 0, 16+len(s.attrs)))
	attrs = s.state.Attributes(attrs)
	if len(s.requests) > 0 {
		attrs = append(attrs, semconv.VoiceProviderRequestIDs(s.requests...))
	}
	return append(attrs, s.attrs...)
}

// line writes a log line about the stream.
func (s *STTStream) line(level log.Severity, what string, err error, attrs ...attribute.KeyValue) {
	s.session.tel.emit.Log.Stream(s.record, calllog.Model(*s.model.Load()), level, what, err, attrs...)
}

// streams holds the open streams of a session.
type streams struct {
	mu    sync.Mutex
	ended bool
	open  map[*STTStream]struct{}
}

// add adds a stream, unless the session has ended: then only the stream's own End ends it.
func (s *streams) add(stream *STTStream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	if s.open == nil {
		s.open = make(map[*STTStream]struct{}, 1)
	}
	s.open[stream] = struct{}{}
}

func (s *streams) remove(stream *STTStream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, stream)
}

// end ends the open streams as abandoned.
func (s *streams) end() {
	s.mu.Lock()
	open := s.open
	s.ended, s.open = true, nil
	s.mu.Unlock()
	for stream := range open {
		stream.end(context.Canceled)
	}
}

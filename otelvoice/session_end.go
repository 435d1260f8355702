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
	"github.com/voice-agents/telemetry/otelvoice/internal/conversation"
	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
	"github.com/voice-agents/telemetry/semconv"
)

// End ends the session. Turns that are still open end as abandoned. End writes the session's
// summary line and records its metrics. Only the first End counts. A deferred End records a panic
// as the session's error and panics again.
func (s *Session) End() {
	if r := recover(); r != nil {
		s.Fail(failure.NewPanic(r))
		s.end("")
		panic(r)
	}
	s.end("")
}

func (s *Session) end(fallback EndReason) { s.finish(fallback, true) }

// finish ends the session, or only this part of it.
func (s *Session) finish(fallback EndReason, final bool) {
	if s == nil {
		return
	}
	defer s.tel.emit.Guard.Underway.Leave(s.tel.emit.Guard.Underway.Enter())
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return
	}
	s.ended = true
	turns := s.conversation.Turns() // Later turns do not count in this session.
	if s.reason == "" {
		s.reason = fallback
	}
	open := make([]*Turn, 0, len(s.open))
	for turn := range s.open {
		open = append(open, turn)
	}
	s.mu.Unlock()

	slices.SortFunc(open, func(a, b *Turn) int { return a.index - b.index })
	for _, turn := range open {
		turn.end(Abandoned, nil, 0)
	}
	s.streams.end()
	s.tel.sessions.remove(s)
	now := time.Now()
	s.conversation.Talked(s.endTalk())
	s.record(now, turns, s.conversation.PartEnded(now, final))
	if final {
		s.tel.conversations.Remove(s.ids.SessionID, s.conversation)
	} else {
		s.tel.endSuspended(s.tel.conversations.Suspend(s.ids.SessionID, s.conversation, s, now), EndTimeout)
	}
}

// record records the span attributes, the metrics and the log line of the session or of this
// part. All turns have ended. Setters may still be called concurrently.
func (s *Session) record(now time.Time, turns int, sum conversation.Summary) {
	defer s.tel.emit.Guard.Recovered(guard.Instruments)
	defer s.tel.emit.Guard.End(s.span, now)
	facts := s.closeFacts(now)
	s.countOutcome()
	s.mu.Lock()
	reason, err := s.reason, s.err
	attrs := append([]attribute.KeyValue{
		semconv.VoiceSessionTurnCount(turns),
		semconv.VoiceSessionInterruptionCount(sum.Interruptions),
	}, s.variant.attributes...)
	attrs = append(append(attrs, facts...), s.attrs...)
	firstAudio := s.firstAudio.Sub(s.connected)
	hasAudio := !s.firstAudio.IsZero() && s.part == 1 && s.config.turnsBefore == 0
	s.mu.Unlock()

	if s.config.channel != "" {
		attrs = append(attrs, semconv.VoiceChannel(s.config.channel))
	}
	if reason != "" {
		attrs = append(attrs, semconv.VoiceSessionEndReason(string(reason)))
	}
	if hasAudio && s.tel.emit.Plausible(s.ctx, semconv.VoiceSessionTimeToFirstAudioKey, firstAudio) {
		attrs = append(attrs, semconv.VoiceSessionTimeToFirstAudio(firstAudio.Seconds()))
		s.tel.emit.Metrics.FirstAudio(s.ctx, s.config.channel, firstAudio.Seconds())
	}
	attrs = s.recordTalk(s.conversation.Spent.Total().Attributes(attrs), &sum)
	what, phase, took := "session suspended", semconv.VoicePhaseSessionSuspended, now.Sub(s.start)
	if sum.Ended {
		what, phase, took = "session ended", semconv.VoicePhaseSessionEnd, now.Sub(sum.Started)
		s.tel.emit.Metrics.SessionEnded(s.ctx, instrument.Session{Channel: s.config.channel, EndReason: string(reason)}, took.Seconds())
	}
	s.tel.emit.Metrics.SessionActive(s.ctx, s.config.channel, -1)
	if s.part > 1 || !sum.Ended {
		attrs = append(attrs, semconv.VoiceSessionPart(s.part))
	}

	if s.span.IsRecording() {
		s.span.SetAttributes(s.identityAttributes()...)
		s.span.SetAttributes(attrs...)
		if err != nil {
			s.span.SetAttributes(semconv.ErrorType(failure.Type(err)))
			s.span.SetStatus(codes.Error, failure.Message(err))
		}
	}
	s.tel.emit.Log.Session(s.ctx, calllog.LevelOf(err), what, err,
		append(attrs, semconv.VoicePhase(phase), semconv.VoiceDuration(took.Seconds()), calllog.SessionFigures(took, err, attrs))...)
}

func (s *Session) identityAttributes() []attribute.KeyValue {
	attrs := []attribute.KeyValue{semconv.VoiceCorrelationID(s.ids.CorrelationID)}
	if s.ids.UserID != "" {
		attrs = append(attrs, semconv.UserID(s.ids.UserID))
	}
	if s.ids.PipelineID != "" {
		attrs = append(attrs, semconv.VoicePipelineID(s.ids.PipelineID))
	}
	return attrs
}

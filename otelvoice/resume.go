// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/conversation"
	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
	"github.com/voice-agents/telemetry/semconv"
)

// ResumeSession starts a session that continues a conversation in several parts, such as one
// over several HTTP requests. Each part has its own span voice.session, in the trace of its
// request, and ends with [Session.Suspend]; the last part ends with [Session.End].
//
//	ctx, session := tel.ResumeSession(r.Context(), conversationID)
//	defer session.Suspend()
//
// If a session of the same id is open or suspended in this process, it is resumed: the turn
// numbers continue, the new span has a link to the span of the previous part, and the
// conversation counts as one session, from the start of its first part to the end of its last.
// Otherwise the session counts as a new one. If earlier parts ran on another replica or before a
// restart, use [WithTurnsBefore].
//
// A conversation that is not resumed within 30 minutes ends with the reason [EndTimeout], at the
// end of its last part. At most 10,000 conversations are suspended. When another one is
// suspended, the oldest one ends at once with the same reason.
func (t *Telemetry) ResumeSession(ctx context.Context, id string, opts ...SessionOption) (context.Context, *Session) {
	if ctx == nil {
		ctx = context.Background()
	}
	if t == nil {
		return ctx, nil
	}
	cfg := newSessionConfig(opts)
	cfg.id, cfg.resumed = boundID(id), true
	return t.startSession(ctx, cfg)
}

// WithTurnsBefore sets how many turns the conversation had before this session, from the
// program's own history; the next turn has the next number. It is for conversations whose
// earlier parts were in another process, and is ignored for others. Numbers below 1 are ignored.
func WithTurnsBefore(turns int) SessionOption {
	return sessionOption(func(c sessionConfig) sessionConfig { c.turnsBefore = max(turns, 0); return c })
}

// Suspend ends this part of the session, and every turn still open in it as abandoned.
// [Telemetry.ResumeSession] continues the conversation. Suspend writes a log line and ends the
// span as [Session.End] does, but does not count the session as ended. Only the first End or
// Suspend counts. A deferred Suspend records a panic as the session's error and panics again.
func (s *Session) Suspend() {
	if r := recover(); r != nil {
		s.Fail(failure.NewPanic(r))
		s.finish("", false)
		panic(r)
	}
	s.finish("", false)
}

// join makes the session a part of its conversation. It returns the options of its span, which
// has a link to the part before.
func (s *Session) join(id string) (start []trace.SpanStartOption) {
	part, expired := s.tel.conversations.Join(id, s.start, s.config.resumed, s.config.turnsBefore)
	s.conversation, s.part = part.Conversation, part.Number
	s.tel.endSuspended(expired, EndTimeout)
	if part.Before.IsValid() {
		start = append(start, trace.WithLinks(trace.Link{SpanContext: part.Before}))
	}
	return start
}

// conversations are those that can be resumed.
type conversations = conversation.Registry[*Session]

// endSuspended ends conversations that were not resumed.
func (t *Telemetry) endSuspended(expired []*conversation.Suspension[*Session], reason EndReason) {
	for _, s := range expired {
		s.Part.expire(s.Conversation, reason)
	}
}

// expire records that the conversation ended when this part ended.
func (s *Session) expire(c *conversation.Conversation, reason EndReason) {
	defer s.tel.emit.Guard.Underway.Leave(s.tel.emit.Guard.Underway.Enter())
	defer s.tel.emit.Guard.Recovered(guard.Instruments)
	sum := c.Expire()
	if !sum.Ended {
		return
	}
	seconds := sum.Until.Sub(sum.Started).Seconds()
	s.tel.emit.Metrics.SessionEnded(s.ctx, instrument.Session{Channel: s.config.channel, EndReason: string(reason)}, seconds)
	s.tel.emit.Log.Session(s.ctx, calllog.Info, "session ended", nil, s.recordTalk(c.Spent.Total().Attributes([]attribute.KeyValue{
		semconv.VoiceSessionTurnCount(c.Turns()),
		semconv.VoiceSessionInterruptionCount(sum.Interruptions),
		semconv.VoiceSessionEndReason(string(reason)),
		semconv.VoicePhase(semconv.VoicePhaseSessionEnd),
		semconv.VoiceDuration(seconds),
	}), &sum)...)
}

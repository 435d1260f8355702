// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"container/list"
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/instrument"
	"github.com/voice-agents/telemetry/semconv"
)

// ResumeSession goes on with a conversation that comes in parts, as one over several HTTP
// requests does. Each part is a span voice.session of its own, in the trace of its request, and
// ends with [Session.Suspend]; the last one ends with [Session.End].
//
//	ctx, session := tel.ResumeSession(r.Context(), conversationID)
//	defer session.Suspend()
//
// A session of the same id that is open or suspended in this process is resumed: turns are
// numbered on, the new span links to that of the part before, and the conversation counts as
// one session, from the start of its first part to the end of its last. Otherwise it is the
// first part that this process sees, and counts as a session of its own. If the program knows
// that there were others, on another replica or before a restart, it says so by
// [WithTurnsBefore].
//
// A conversation that nobody resumes within 30 minutes ends as [EndTimeout], at the time its last
// part did. At most 10,000 are suspended; of more, the oldest ends so at once.
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

// WithTurnsBefore says how many turns the conversation had before this session, as the program's
// own history of it tells: turns are numbered from the next. It is for parts of a conversation
// that this process has not seen; where it has, what it has seen stands. Numbers below 1 are
// ignored.
func WithTurnsBefore(turns int) SessionOption {
	return sessionOption(func(c sessionConfig) sessionConfig { c.turnsBefore = max(turns, 0); return c })
}

// Suspend ends this part of the session, and as abandoned every turn still open in it. The
// conversation goes on with [Telemetry.ResumeSession]. It writes a line, and ends the span as
// [Session.End] does, but does not count the session as ended. Only the first End or Suspend
// counts. Deferred, it records a panic as the session's error and lets it go on.
func (s *Session) Suspend() {
	if r := recover(); r != nil {
		s.Fail(failure.NewPanic(r))
		s.finish("", false)
		panic(r)
	}
	s.finish("", false)
}

// join makes the session a part of its conversation. It returns how its span starts if it is
// not the first.
func (s *Session) join(id string) (start []trace.SpanStartOption) {
	before, expired := s.tel.conversations.take(id, s)
	s.tel.endSuspended(expired, EndTimeout)
	if before.IsValid() {
		start = append(start, trace.WithLinks(trace.Link{SpanContext: before}))
	}
	return start
}

const (
	// maxSuspended bounds how many conversations wait for their next part.
	maxSuspended = 10_000
	// resumeWithin is how long they wait.
	resumeWithin = 30 * time.Minute
)

// conversations is those that can be resumed, by the ids of their sessions: those that are
// open, and those that are suspended.
type conversations struct {
	mu        sync.Mutex
	byID      map[string]*conversation
	suspended list.List // Of *suspension, the oldest first.
	waiting   map[*conversation]*list.Element
}

// suspension is a conversation that waits for its next part.
type suspension struct {
	conversation *conversation
	part         *Session // The one that ended last.
	since        time.Time
}

// take gives a new part the conversation of an id: the one that is known, if the part resumes
// it. It returns the span of the part before, and the conversations that have waited for too long.
// The part begins under the lock, so that the end of another does not suspend the conversation.
func (c *conversations) take(id string, part *Session) (before trace.SpanContext, expired []*suspension) {
	c.mu.Lock()
	defer c.mu.Unlock()
	expired = c.expire(part.start)
	var conv *conversation
	if part.config.resumed {
		conv = c.byID[id]
	}
	if conv == nil || conv.hasEnded() {
		conv = new(conversation)
	}
	c.wake(conv)
	if c.byID == nil {
		c.byID = make(map[string]*conversation)
	}
	c.byID[id] = conv
	part.conversation = conv
	part.part, before = conv.begin(part.start, part.config.turnsBefore)
	return before, expired
}

// suspend keeps the conversation of a part that has ended, if no other part is open.
func (c *conversations) suspend(part *Session, now time.Time) (expired []*suspension) {
	c.mu.Lock()
	defer c.mu.Unlock()
	conv := part.conversation
	c.wake(conv)
	if conv.suspended() && c.byID[part.ids.SessionID] == conv {
		if c.waiting == nil {
			c.waiting = make(map[*conversation]*list.Element)
		}
		c.waiting[conv] = c.suspended.PushBack(&suspension{conv, part, now})
	}
	return c.expire(now)
}

// forget drops a conversation that has ended.
func (c *conversations) forget(id string, conv *conversation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(id, conv)
}

// all returns the conversations that are suspended, and forgets them.
func (c *conversations) all() (rest []*suspension) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.suspended.Len() > 0 {
		rest = append(rest, c.oldest())
	}
	return rest
}

func (c *conversations) expire(now time.Time) (expired []*suspension) {
	for e := c.suspended.Front(); e != nil; e = c.suspended.Front() {
		if now.Sub(e.Value.(*suspension).since) < resumeWithin && c.suspended.Len() <= maxSuspended {
			break
		}
		expired = append(expired, c.oldest())
	}
	return expired
}

// oldest takes the conversation that has waited the longest.
func (c *conversations) oldest() *suspension {
	s := c.suspended.Front().Value.(*suspension)
	c.drop(s.part.ids.SessionID, s.conversation)
	return s
}

func (c *conversations) drop(id string, conv *conversation) {
	c.wake(conv)
	if c.byID[id] == conv {
		delete(c.byID, id)
	}
}

// wake ends a conversation's wait.
func (c *conversations) wake(conv *conversation) {
	if e, ok := c.waiting[conv]; ok {
		c.suspended.Remove(e)
		delete(c.waiting, conv)
	}
}

// endSuspended ends conversations that nobody resumed.
func (t *Telemetry) endSuspended(expired []*suspension, reason EndReason) {
	for _, s := range expired {
		s.part.expire(s.conversation, reason)
	}
}

// expire records that the conversation ended with this part, some time ago.
func (s *Session) expire(conv *conversation, reason EndReason) {
	defer s.tel.guard.underway.leave(s.tel.guard.underway.enter())
	defer s.tel.guard.recovered(instruments)
	sum := conv.expired()
	if !sum.counts {
		return
	}
	seconds := sum.until.Sub(sum.started).Seconds()
	s.tel.metrics.SessionEnded(s.ctx, instrument.Session{Channel: s.config.channel, EndReason: string(reason)}, seconds)
	s.tel.lines.session(s.ctx, levelInfo, "session ended", nil,
		semconv.VoiceSessionTurnCount(conv.turnCount()),
		semconv.VoiceSessionInterruptionCount(sum.interruptions),
		semconv.VoiceSessionEndReason(string(reason)),
		semconv.VoicePhase(semconv.VoicePhaseSessionEnd),
		semconv.VoiceDuration(seconds))
}

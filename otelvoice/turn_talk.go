// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/internal/conversation"
	"github.com/voice-agents/telemetry/otelvoice/internal/floor"
	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/otelvoice/internal/talk"
	"github.com/voice-agents/telemetry/semconv"
)

// maxDismissed is how many false interruptions of a turn are told from backchannels.
const maxDismissed = 16

// A turnTalk is who spoke in a turn. It is a part of the Turn, so that it needs no allocation. The turn's
// lock guards it until the turn has ended; then only the goroutine that ends the turn uses it.
type turnTalk struct {
	user, agent           talk.Voice
	userDrop, agentDrop   string // Why speech was dropped, or empty.
	span                  talk.Span
	works                 []turnWorked
	dismissed             []talk.Interruption // The false interruptions.
	dismissals            int
	agentStarted          time.Time
	agentLast             time.Time // When the agent last began to speak. The zero time is unknown.
	isHeard               bool      // The agent was heard.
	hasResumed            bool      // The agent spoke again after the interruption.
	noWords               bool      // The user's speech had no words.
	after                 conversation.Aftermath
	hasRestarted          bool      // The agent spoke again after the interruption of an earlier turn.
	since                 time.Time // When the user began to speak that interrupted.
	heardSince            time.Time // The same, if a tap heard that the user went on.
	stopTime, overlap     time.Duration
	hasStop, hasOverlap   bool
	byAgent               int // How often the agent interrupted.
	byAgentOverlap        time.Duration
	interruption          talk.Interruption
	isInterruptionCounted bool
}

// hear finds out who spoke. The caller holds the turn's lock.
func (t *Turn) hear(now time.Time, ending Outcome, agentStarted time.Time, agentHeard, interrupted bool) {
	k := &t.talk
	byAgent := t.config.initiator == initiatorAgent
	k.span = talk.Span{Start: t.start, End: now, IsCut: ending == Abandoned || t.decided == Abandoned}
	_, k.userDrop = k.user.Listen(&t.marks, latency.User, byAgent, k.span)
	k.agentLast, k.agentDrop = k.agent.Listen(&t.marks, latency.Agent, true, k.span)
	k.agentStarted, k.isInterruptionCounted = agentStarted, interrupted
	k.interruption = talk.Interruption{At: t.interruption.at, Since: t.interruption.since}
	if k.interruption.At.IsZero() { // The newest stage was interrupted, and the program did not say when.
		k.interruption.At = now
	}
	_, recognized := t.marks.Last(latency.FinalTranscript)
	_, asked := t.marks.Last(latency.LLMRequested)
	k.isHeard = agentHeard
	k.noWords = t.decided == Abandoned && ending != Abandoned && !k.user.IsCut && !byAgent && !agentHeard && !recognized && !asked
	if bound := t.session.tel.deadAir; bound > 0 && k.user.Known && k.agent.Known {
		t.appendWorked(bound)
	}
}

// talked records in the session who spoke.
func (s *Session) talked(t *Turn) {
	k := &t.talk
	if k.userDrop != "" {
		s.tel.emit.Dropped(t.ctx, semconv.VoiceTalkUserDurationKey, k.userDrop)
	}
	if k.agentDrop != "" {
		s.tel.emit.Dropped(t.ctx, semconv.VoiceTalkAgentDurationKey, k.agentDrop)
	}
	if k.isHeard || k.isInterruptionCounted || len(k.dismissed) > 0 {
		k.measure(s.usersSpeech(t))
	}
	ended := conversation.EndedTurn{
		Number: t.index, End: k.span.End, Interrupted: k.isInterruptionCounted, Since: k.since, Resumed: k.hasResumed,
		Dismissed: k.dismissals, Spoke: k.isHeard, ByAgent: t.config.initiator == initiatorAgent, NoWords: k.noWords,
	}
	if !k.agentLast.IsZero() {
		ended.SpokeFor = k.span.End.Sub(k.agentLast)
	}
	k.after, k.hasRestarted = s.conversation.Aftermath(ended)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.talk.add(k)
}

// usersSpeech returns the user's speech in the turn and in others, as far as it may overlap the agent's in
// the turn: the user who interrupts speaks in the next turn.
func (s *Session) usersSpeech(t *Turn) []latency.Speech {
	all := t.talk.user.Speech
	s.mu.Lock()
	if t.talk.isHeard {
		all = s.talk.floor.AppendSpeech(slices.Clip(all), floor.User, t.talk.agentStarted)
	}
	var others []*Turn
	for other := range s.open {
		if other != t {
			others = append(others, other)
		}
	}
	s.mu.Unlock()
	for _, other := range others {
		other.mu.Lock()
		all, _ = other.marks.AppendSpeech(slices.Clip(all), latency.User)
		other.mu.Unlock()
	}
	if len(all) == len(t.talk.user.Speech) {
		return all
	}
	return talk.Merge(all)
}

// measure measures interruptions.
func (k *turnTalk) measure(users []latency.Speech) {
	if k.agent.Known {
		k.byAgent, k.byAgentOverlap = k.agent.Over(users)
	}
	for i := range k.dismissed {
		k.dismissed[i].Since, _, _ = k.dismissed[i].Find(users, k.agentStarted)
	}
	if !k.isInterruptionCounted {
		return
	}
	var to time.Time
	var found bool
	k.since, to, found = k.interruption.Find(users, k.agentStarted)
	found = found || !k.heardSince.IsZero() && k.heardSince.Equal(k.interruption.Since)
	k.hasResumed = k.agentLast.After(k.since)
	if !k.agent.Known {
		return
	}
	k.stopTime, k.hasStop = k.agent.StopTime(k.since)
	if k.hasOverlap = k.hasStop && found; k.hasOverlap {
		k.overlap = k.stopTime
		if !to.IsZero() {
			k.overlap = max(min(k.overlap, to.Sub(k.since)), 0)
		}
	}
}

// recordTalk records the metrics of who spoke and appends the attributes.
func (t *Turn) recordTalk(attrs []attribute.KeyValue) []attribute.KeyValue {
	k, m, channel := &t.talk, t.session.tel.emit.Metrics, t.session.config.channel
	if k.user.Known {
		attrs = append(attrs, semconv.VoiceTalkUserDuration(k.user.Duration().Seconds()))
	} else {
		m.TalkUnknown(t.ctx, semconv.VoiceTalkSideUser, channel)
	}
	if k.agent.Known {
		attrs = append(attrs, semconv.VoiceTalkAgentDuration(k.agent.Duration().Seconds()))
	} else {
		m.TalkUnknown(t.ctx, semconv.VoiceTalkSideAgent, channel)
	}
	source := string(t.interruption.source)
	if k.hasStop {
		attrs = append(attrs, semconv.VoiceInterruptionStopTime(k.stopTime.Seconds()))
		m.StopTime(t.ctx, source, channel, k.stopTime.Seconds())
	}
	if k.hasOverlap {
		attrs = append(attrs, semconv.VoiceInterruptionOverlap(k.overlap.Seconds()))
		m.OverlapByUser(t.ctx, source, channel, k.overlap.Seconds())
	}
	if k.byAgent > 0 {
		attrs = append(attrs, semconv.VoiceAgentInterruptionOverlap(k.byAgentOverlap.Seconds()))
		m.OverlapByAgent(t.ctx, channel, k.byAgentOverlap.Seconds())
	}
	if k.after == (conversation.Aftermath{}) {
		return attrs
	}
	switch {
	case k.after.Resumed > 0:
		attrs = append(attrs, semconv.VoiceInterruptionRecovery(semconv.VoiceInterruptionRecoveryResumed))
	case k.hasRestarted:
		attrs = append(attrs, semconv.VoiceInterruptionRecovery(semconv.VoiceInterruptionRecoveryRestarted))
	}
	t.session.recordAftermath(k.after)
	return attrs
}

// dismiss records a false interruption. The user's speech in it is no backchannel. The caller holds the
// turn's lock.
func (t *Turn) dismiss(now time.Time) {
	k := &t.talk
	k.dismissals++
	if len(k.dismissed) == maxDismissed {
		return
	}
	of := talk.Interruption{At: t.interruption.at, Since: t.interruption.since}
	if of.At.IsZero() { // The agent paused without an interruption.
		of.At = now
	}
	k.dismissed = append(k.dismissed, of)
}

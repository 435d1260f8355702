// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/internal/conversation"
	"github.com/voice-agents/telemetry/otelvoice/internal/floor"
	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/otelvoice/internal/talk"
	"github.com/voice-agents/telemetry/semconv"
)

// A sessionTalk is who spoke in a session. The session's lock guards it.
type sessionTalk struct {
	floor        floor.Floor
	turns        int
	unknown      [2]int // Turns in which it is not known when a side spoke.
	unknownTurns int
}

// add adds a turn that has ended.
func (s *sessionTalk) add(k *turnTalk) {
	s.turns++
	for side, v := range [...]*talk.Voice{floor.User: &k.user, floor.Agent: &k.agent} {
		if !v.Known {
			s.unknown[side]++
		}
		for _, spoke := range v.Speech {
			s.floor.Add(floor.Side(side), spoke.From, spoke.To)
		}
	}
	if !k.user.Known || !k.agent.Known {
		s.unknownTurns++
	}
	if k.isInterruptionCounted {
		s.floor.Interrupt(k.since)
	}
	for _, dismissed := range k.dismissed {
		s.floor.Interrupt(dismissed.Since)
	}
	for _, w := range k.works {
		s.floor.Work(w.activity, w.From, w.To)
	}
}

// endTalk returns the talk of the session, all of whose turns have ended.
func (s *Session) endTalk() conversation.Talk {
	s.mu.Lock()
	defer s.mu.Unlock()
	return conversation.Talk{Sums: s.talk.floor.Sums(), Turns: s.talk.turns, Unknown: s.talk.unknown, UnknownTurns: s.talk.unknownTurns}
}

// onHold records whether the user is on hold from an instant on: nobody is expected to speak then. A hold that
// is open lasts until the end of the session. The lock of the facts is held, so that holds count in their order.
func (s *Session) onHold(from time.Time, isAway bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if isAway {
		s.talk.floor.Leave(from)
	} else {
		s.talk.floor.Return(from)
	}
}

// recordTalk records the metrics of a conversation that has ended, and appends the attributes.
func (s *Session) recordTalk(attrs []attribute.KeyValue, sum *conversation.Summary) []attribute.KeyValue {
	of, m, channel := &sum.Talk, s.tel.emit.Metrics, s.config.channel
	if of.Turns == 0 {
		return attrs
	}
	knowsUser, knowsAgent := of.Unknown[floor.User] == 0, of.Unknown[floor.Agent] == 0
	user, agent := of.Sums.Talk[floor.User].Seconds(), of.Sums.Talk[floor.Agent].Seconds()
	longestUser, longestAgent := of.Monologue[floor.User].Seconds(), of.Monologue[floor.Agent].Seconds()
	if knowsUser {
		attrs = append(attrs, semconv.VoiceTalkUserDuration(user), semconv.VoiceTalkUserLongest(longestUser))
	}
	if knowsAgent {
		attrs = append(attrs, semconv.VoiceTalkAgentDuration(agent), semconv.VoiceTalkAgentLongest(longestAgent))
	}
	if sum.Ended && knowsUser && user > 0 {
		m.Talked(s.ctx, semconv.VoiceTalkSideUser, channel, user, longestUser)
	}
	if sum.Ended && knowsAgent && agent > 0 {
		m.Talked(s.ctx, semconv.VoiceTalkSideAgent, channel, agent, longestAgent)
	}
	if knowsUser && knowsAgent {
		attrs = s.recordExchange(attrs, sum)
	} else {
		attrs = append(attrs, semconv.VoiceTalkUnknownCount(of.UnknownTurns))
	}
	if after := sum.After; after.Resumed+after.Restarted+after.Unrecovered > 0 || sum.Interruptions > 0 {
		attrs = append(attrs, semconv.VoiceInterruptionResumedCount(after.Resumed), semconv.VoiceInterruptionRestartedCount(after.Restarted))
	}
	if n := sum.After.False(); n > 0 {
		attrs = append(attrs, semconv.VoiceFalseInterruptionCount(n))
	}
	if sum.Ended {
		m.Recovered(s.ctx, semconv.VoiceInterruptionRecoveryNone, channel, sum.After.Unrecovered)
	}
	return attrs
}

// recordExchange does so for what is known if the speech of both sides is.
func (s *Session) recordExchange(attrs []attribute.KeyValue, sum *conversation.Summary) []attribute.KeyValue {
	of, m, channel := &sum.Talk, s.tel.emit.Metrics, s.config.channel
	ratio, spoke := of.AgentRatio()
	if !spoke {
		return attrs
	}
	overlap, silence := of.Overlap.Seconds(), of.Silence.Seconds()
	attrs = append(attrs,
		semconv.VoiceTalkAgentRatio(ratio),
		semconv.VoiceOverlapDuration(overlap),
		semconv.VoiceSilenceDuration(silence),
		semconv.VoiceAgentInterruptionCount(of.AgentInterruptions),
		semconv.VoiceBackchannelCount(of.Backchannels))
	if of.AgentInterruptions > 0 {
		attrs = append(attrs, semconv.VoiceAgentInterruptionOverlap(of.AgentOverlap.Seconds()))
	}
	if s.tel.deadAir > 0 {
		attrs = append(attrs, semconv.VoiceDeadAirCount(of.DeadAirs), semconv.VoiceDeadAirDuration(of.DeadAir.Seconds()))
	}
	if of.DeadAirs > 0 {
		attrs = append(attrs, semconv.VoiceDeadAirLongest(of.LongestDeadAir.Seconds()),
			semconv.VoiceDeadAirActivity(of.LongestActivity.String()))
	}
	if since := sum.Until.Sub(of.LastSpeech); since >= 0 {
		attrs = append(attrs, semconv.VoiceSessionTimeSinceSpeech(since.Seconds()))
	}
	if !sum.Ended {
		return attrs
	}
	m.AgentRatio(s.ctx, channel, ratio)
	m.Conversed(s.ctx, channel, overlap, silence, of.AgentInterruptions, of.Backchannels)
	for activity, d := range of.ByActivity {
		if d.Count > 0 {
			m.DeadAir(s.ctx, floor.Activity(activity).String(), channel, d.Count, d.Duration.Seconds())
		}
	}
	if of.DeadAirs > 0 {
		m.LongestDeadAir(s.ctx, channel, of.LongestDeadAir.Seconds())
	}
	return attrs
}

// recordAftermath counts what is known of interruptions.
func (s *Session) recordAftermath(a conversation.Aftermath) {
	m, channel := s.tel.emit.Metrics, s.config.channel
	m.Recovered(s.ctx, semconv.VoiceInterruptionRecoveryResumed, channel, a.Resumed)
	m.Recovered(s.ctx, semconv.VoiceInterruptionRecoveryRestarted, channel, a.Restarted)
	m.Recovered(s.ctx, semconv.VoiceInterruptionRecoveryNone, channel, a.Unrecovered)
	m.FalselyInterrupted(s.ctx, semconv.VoiceFalseInterruptionReasonDismissed, channel, a.Dismissed)
	m.FalselyInterrupted(s.ctx, semconv.VoiceFalseInterruptionReasonNoWords, channel, a.NoWords)
	m.FalselyInterrupted(s.ctx, semconv.VoiceFalseInterruptionReasonNoTurn, channel, a.NoTurn)
}

// silentSince returns since when nobody speaks, or the zero time while somebody does. It returns false if
// that is not known, and if nobody has spoken.
func (s *Session) silentSince() (since time.Time, known bool) {
	s.mu.Lock()
	since, known = s.talk.floor.LastSpeech(), s.talk.unknownTurns == 0
	open := make([]*Turn, 0, len(s.open))
	for turn := range s.open {
		open = append(open, turn)
	}
	s.mu.Unlock()
	var buffer [2 * latency.MaxSpeech]latency.Speech
	for _, turn := range open {
		turn.mu.Lock()
		speech, knowsUser := turn.marks.AppendSpeech(buffer[:0], latency.User)
		users := len(speech)
		speech, knowsAgent := turn.marks.AppendSpeech(speech, latency.Agent)
		turn.mu.Unlock()
		known = known && knowsUser && knowsAgent
		for i, spoke := range speech {
			if spoke.To.IsZero() && (i == users-1 || i == len(speech)-1) {
				return time.Time{}, true
			}
			if spoke.To.After(since) {
				since = spoke.To
			}
		}
	}
	if !known || since.IsZero() {
		return time.Time{}, false
	}
	return since, true
}

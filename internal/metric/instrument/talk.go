// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/semconv"
)

// talks are the instruments for who speaks when.
type talks struct {
	talk, overlap, silence, deadAir                           metric.Float64Counter
	unknown, deadAirs, byAgent, backchannels, mistaken, after metric.Int64Counter
	ratio, longest, longestDeadAir                            metric.Float64Histogram
	stopTime, overlapByUser, overlapByAgent                   metric.Float64Histogram

	byWord *cache[word, options]
}

func newTalks(m *maker, r *redaction.Engine) *talks {
	return &talks{
		talk:           m.floatCounter(semconv.MetricVoiceTalkDuration()),
		longest:        m.histogram(semconv.MetricVoiceTalkLongest()),
		ratio:          m.histogram(semconv.MetricVoiceTalkAgentRatio()),
		unknown:        m.counter(semconv.MetricVoiceTalkUnknownCount()),
		overlap:        m.floatCounter(semconv.MetricVoiceOverlapDuration()),
		silence:        m.floatCounter(semconv.MetricVoiceSilenceDuration()),
		deadAirs:       m.counter(semconv.MetricVoiceDeadAirCount()),
		deadAir:        m.floatCounter(semconv.MetricVoiceDeadAirDuration()),
		longestDeadAir: m.histogram(semconv.MetricVoiceDeadAirLongest()),
		stopTime:       m.histogram(semconv.MetricVoiceInterruptionStopTime()),
		overlapByUser:  m.histogram(semconv.MetricVoiceInterruptionOverlap()),
		after:          m.counter(semconv.MetricVoiceInterruptionRecoveryCount()),
		mistaken:       m.counter(semconv.MetricVoiceFalseInterruptionCount()),
		byAgent:        m.counter(semconv.MetricVoiceAgentInterruptionCount()),
		overlapByAgent: m.histogram(semconv.MetricVoiceAgentInterruptionOverlap()),
		backchannels:   m.counter(semconv.MetricVoiceBackchannelCount()),

		byWord: optionsOf(r, word.attributes),
	}
}

// A word is a value of the registry, of one of the attributes that the instruments have, and a channel.
type word struct {
	key            attribute.Key
	value, channel string
}

func (k word) clone() word {
	return word{k.key, strings.Clone(k.value), strings.Clone(k.channel)}
}

func (k word) attributes() []attribute.KeyValue {
	return list{}.with(k.key, k.value).with(semconv.VoiceChannelKey, k.channel)
}

// Talked records how long a side spoke in a session and its longest monologue, in seconds. The side is
// of the registry.
func (s *Set) Talked(ctx context.Context, side, channel string, seconds, longest float64) {
	o := s.talks.byWord.get(word{semconv.VoiceTalkSideKey, side, channel})
	s.talks.talk.Add(ctx, seconds, o.add...)
	s.talks.longest.Record(ctx, longest, o.record...)
}

// TalkUnknown counts a turn in which it is not known when a side spoke.
func (s *Set) TalkUnknown(ctx context.Context, side, channel string) {
	s.talks.unknown.Add(ctx, 1, s.talks.byWord.get(word{semconv.VoiceTalkSideKey, side, channel}).add...)
}

// AgentRatio records the agent's part of the talk of a session, from 0 to 1.
func (s *Set) AgentRatio(ctx context.Context, channel string, ratio float64) {
	s.talks.ratio.Record(ctx, ratio, s.bySession.get(Session{Channel: channel}).record...)
}

// Conversed counts what happened in a session between the two sides, in seconds and numbers.
func (s *Set) Conversed(ctx context.Context, channel string, overlap, silence float64, byAgent, backchannels int) {
	o := s.bySession.get(Session{Channel: channel}).add
	s.talks.overlap.Add(ctx, overlap, o...)
	s.talks.silence.Add(ctx, silence, o...)
	s.talks.byAgent.Add(ctx, int64(byAgent), o...)
	s.talks.backchannels.Add(ctx, int64(backchannels), o...)
}

// DeadAir counts the dead air of a session by what the agent did, which is of the registry.
func (s *Set) DeadAir(ctx context.Context, activity, channel string, count int, seconds float64) {
	o := s.talks.byWord.get(word{semconv.VoiceDeadAirActivityKey, activity, channel}).add
	s.talks.deadAirs.Add(ctx, int64(count), o...)
	s.talks.deadAir.Add(ctx, seconds, o...)
}

// LongestDeadAir records the longest dead air of a session, in seconds.
func (s *Set) LongestDeadAir(ctx context.Context, channel string, seconds float64) {
	s.talks.longestDeadAir.Record(ctx, seconds, s.bySession.get(Session{Channel: channel}).record...)
}

// StopTime records the seconds from the start of the user's speech to the silence of the agent that it
// interrupted.
func (s *Set) StopTime(ctx context.Context, from, channel string, seconds float64) {
	s.talks.stopTime.Record(ctx, seconds, s.bySource.get(newSource(from, channel)).record...)
}

// OverlapByUser records how long both spoke when the user interrupted, in seconds.
func (s *Set) OverlapByUser(ctx context.Context, from, channel string, seconds float64) {
	s.talks.overlapByUser.Record(ctx, seconds, s.bySource.get(newSource(from, channel)).record...)
}

// OverlapByAgent records how long both spoke after the agent interrupted in a turn, in seconds.
func (s *Set) OverlapByAgent(ctx context.Context, channel string, seconds float64) {
	s.talks.overlapByAgent.Record(ctx, seconds, s.bySession.get(Session{Channel: channel}).record...)
}

// Recovered counts interruptions by how the agent went on, which is of the registry.
func (s *Set) Recovered(ctx context.Context, recovery, channel string, count int) {
	if count > 0 {
		s.talks.after.Add(ctx, int64(count), s.talks.byWord.get(word{semconv.VoiceInterruptionRecoveryKey, recovery, channel}).add...)
	}
}

// FalselyInterrupted counts false interruptions by their reason, which is of the registry.
func (s *Set) FalselyInterrupted(ctx context.Context, reason, channel string, count int) {
	if count > 0 {
		s.talks.mistaken.Add(ctx, int64(count), s.talks.byWord.get(word{semconv.VoiceFalseInterruptionReasonKey, reason, channel}).add...)
	}
}

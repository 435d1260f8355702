// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/semconv"
)

// maxSpeech bounds the spans of speech of one side in a turn.
const maxSpeech = 16

// appendTurn appends the spans of a turn: that of the agent, which keeps the ID, that of the user, if the user
// spoke first, and the speech of both.
func (s *source) appendTurn(dst []sdktrace.ReadOnlySpan, agent *rewritten) []sdktrace.ReadOnlySpan {
	m := s.marks()
	s.addGenerations(agent, m.requests)
	if !m.heard() {
		return s.appendSpeech(append(dst, agent), agent, lkAgentSpeaking, m.agent)
	}
	user := s.made(lkUserTurn, 0)
	user.parent, user.start, user.end = agent.parent, m.user[0].start, m.decided
	user.attributes = s.attributesOf(liveKitUserRules)
	agent.start = m.decided
	if len(m.requests) > 0 && m.requests[0].After(user.start) && m.requests[0].Before(agent.start) {
		agent.start = m.requests[0] // The answer began before the decision.
	}
	dst = s.appendSpeech(append(dst, user), user, lkUserSpeaking, m.user)
	return s.appendSpeech(append(dst, agent), agent, lkAgentSpeaking, m.agent)
}

func (s *source) appendSpeech(dst []sdktrace.ReadOnlySpan, in *rewritten, name string, speech []interval) []sdktrace.ReadOnlySpan {
	for i, at := range speech {
		one := s.made(name, i)
		one.parent, one.start, one.end = in.context, at.start, at.end
		dst = append(dst, one)
	}
	return dst
}

// addGenerations adds an event for each request to the language model, and their number.
func (s *source) addGenerations(agent *rewritten, requests []time.Time) {
	agent.attributes = append(agent.attributes, lkGenerations.Int(len(requests)))
	if len(requests) == 0 {
		return
	}
	speech := s.text(semconv.VoiceTurnIDKey)
	events := make([]sdktrace.Event, len(agent.events), len(agent.events)+len(requests))
	copy(events, agent.events)
	for i, at := range requests {
		id := lkGenerationID.String(speech + "_" + strconv.Itoa(i+1))
		events = append(events, sdktrace.Event{Name: lkGeneration, Time: at, Attributes: []attribute.KeyValue{id}})
	}
	agent.events = events
}

type interval struct{ start, end time.Time }

// marks are what the events of a turn say of who speaks when.
type marks struct {
	user, agent []interval // The user's until the agent speaks.
	decided     time.Time
	requests    []time.Time // To the language model.
}

// heard reports whether the user spoke first.
func (m *marks) heard() bool { return len(m.user) > 0 && m.decided.After(m.user[0].start) }

func (s *source) marks() (m marks) {
	var userSpeaks, agentSpeaks, answered bool
	for _, e := range s.Events() {
		switch e.Name {
		case semconv.EventVoiceUserStarted:
			if !userSpeaks && !answered && len(m.user) < maxSpeech {
				m.user, userSpeaks = append(m.user, interval{start: e.Time}), true
			}
		case semconv.EventVoiceUserStopped:
			switch {
			case answered:
			case userSpeaks:
				m.user[len(m.user)-1].end, userSpeaks = e.Time, false
			case len(m.user) > 0: // The pause was not the end, and when the user spoke on is unknown.
				m.user[len(m.user)-1].end = e.Time
			default:
				m.user = append(m.user, interval{s.StartTime(), e.Time})
			}
		case semconv.EventVoiceTurnCommitted:
			m.decided = e.Time
		case semconv.EventVoiceLLMRequested:
			m.requests = append(m.requests, e.Time)
		case semconv.EventVoiceAgentStarted:
			answered = true
			if !agentSpeaks && len(m.agent) < maxSpeech {
				m.agent, agentSpeaks = append(m.agent, interval{start: e.Time}), true
			}
		case semconv.EventVoiceAgentStopped:
			if agentSpeaks {
				m.agent[len(m.agent)-1].end, agentSpeaks = e.Time, false
			}
		}
	}
	if agentSpeaks {
		m.agent[len(m.agent)-1].end = s.EndTime()
	}
	if n := len(m.user); n > 0 {
		if userSpeaks { // The end was not detected, or the turn ended before.
			m.user[n-1].end = s.EndTime()
			if !m.decided.IsZero() {
				m.user[n-1].end = m.decided
			}
		}
		if m.decided.Before(m.user[n-1].end) {
			m.decided = m.user[n-1].end
		}
	}
	return m
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"cmp"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/semconv"
)

const (
	lkSpeech    = attribute.Key("lk.speech_id")
	lkToolError = attribute.Key("lk.function_tool.is_error")
)

// near is how far the start of an agent's turn may be from the end of the user's turn that it answers. A generation
// that begins early begins before that end.
const near = 3 * time.Second

// most is how many of the user's turns may end so near.
const most = 100

// speech is a turn of LiveKit Agents: the agent_turn spans of one speech, each of which ends with a tool call or the
// answer, and the user_turn span that they answer.
type speech struct {
	user   *span
	agents []*span // By their start.
	talk   []*span // The spans of both sides' speech, by their start.
}

// speeches translates turns that are several spans.
func (t *translation) speeches() {
	byID := make(map[string]*speech)
	var all []*speech
	var users []*span
	of := make(map[*span]*speech)
	for _, s := range t.spans {
		switch s.kind.Is {
		case isAgentTurn:
			id := cmp.Or(s.Attributes.Text(lkSpeech), s.SpanID.String())
			sp := byID[id]
			if sp == nil {
				sp = new(speech)
				byID[id] = sp
				all = append(all, sp)
			}
			sp.agents = append(sp.agents, s)
			of[s] = sp
		case isUserTurn:
			users = append(users, s)
		}
	}
	pair(all, users)
	for _, sp := range all {
		if sp.user != nil {
			of[sp.user] = sp
		}
	}
	for _, u := range users {
		if of[u] == nil {
			sp := &speech{user: u}
			of[u] = sp
			all = append(all, sp)
		}
	}
	for _, s := range t.spans {
		if s.kind.Is == isUserSpeech || s.kind.Is == isAgentSpeech {
			if sp := of[t.above(s, isUserTurn, isAgentTurn)]; sp != nil {
				sp.talk = append(sp.talk, s)
			}
		}
	}
	slices.SortStableFunc(all, func(x, y *speech) int { return x.start().Compare(y.start()) })
	for i, sp := range all {
		t.speech(sp, int64(i+1))
	}
}

// pair finds the user's turn that each speech answers: the one that ends nearest to the speech's start. The spans
// have no link.
func pair(all []*speech, users []*span) {
	type match struct {
		speech *speech
		user   *span
		apart  time.Duration
	}
	users = slices.Clone(users)
	slices.SortStableFunc(users, func(x, y *span) int { return x.End.Compare(y.End) })
	var matches []match
	for _, sp := range all {
		start := sp.agents[0].Start
		from, _ := slices.BinarySearchFunc(users, start.Add(-near), func(u *span, at time.Time) int { return u.End.Compare(at) })
		for _, u := range users[from:min(len(users), from+most)] {
			if u.End.After(start.Add(near)) {
				break
			}
			if !start.IsZero() && !u.Start.IsZero() && !u.End.IsZero() && !start.Before(u.Start) {
				matches = append(matches, match{sp, u, start.Sub(u.End).Abs()})
			}
		}
	}
	slices.SortStableFunc(matches, func(x, y match) int { return cmp.Compare(x.apart, y.apart) })
	taken := make(map[*span]bool)
	for _, m := range matches {
		if m.speech.user == nil && !taken[m.user] {
			m.speech.user = m.user
			taken[m.user] = true
		}
	}
}

// spans returns the spans of both sides' turns.
func (sp *speech) spans() []*span {
	if sp.user == nil {
		return sp.agents
	}
	return append([]*span{sp.user}, sp.agents...)
}

func (sp *speech) start() (first time.Time) {
	for _, s := range sp.spans() {
		if !s.Start.IsZero() && (first.IsZero() || s.Start.Before(first)) {
			first = s.Start
		}
	}
	return first
}

// end returns the end of the agent's last words, because the span of an interrupted turn ends later; or else the end
// of the last span.
func (sp *speech) end() (spoken, last time.Time) {
	for _, s := range sp.talk {
		if s.kind.Is == isAgentSpeech && s.End.After(spoken) {
			spoken = s.End
		}
	}
	for _, s := range sp.spans() {
		if s.End.After(last) {
			last = s.End
		}
	}
	return spoken, last
}

// speech makes one turn of the spans of a speech.
func (t *translation) speech(sp *speech, index int64) {
	var turn *span
	initiator := semconv.VoiceTurnInitiatorUser
	if len(sp.agents) > 0 {
		turn = sp.agents[0]
	} else {
		turn = sp.user
	}
	if sp.user == nil {
		initiator = semconv.VoiceTurnInitiatorAgent
	}
	start, interrupted := sp.start(), false
	spoken, last := sp.end()
	var attrs []signal.Attribute
	var events []signal.Event
	for _, s := range sp.spans() {
		attrs = append(attrs, s.Attributes...)
		events = append(events, s.Events...)
		interrupted = interrupted || t.of.wasInterrupted(s)
		if s.Failed && !turn.Failed {
			turn.Failed, turn.Status = true, s.Status
		}
		if s != turn {
			t.moved[s.SpanID] = turn.SpanID
		}
	}
	for _, s := range sp.talk {
		t.moved[s.SpanID] = turn.SpanID
		from, to := semconv.EventVoiceUserStarted, semconv.EventVoiceUserStopped
		if s.kind.Is == isAgentSpeech {
			from, to = semconv.EventVoiceAgentStarted, semconv.EventVoiceAgentStopped
		}
		events = append(events, signal.Event{Name: from, Time: s.Start}, signal.Event{Name: to, Time: s.End})
	}
	slices.SortStableFunc(events, func(x, y signal.Event) int { return x.Time.Compare(y.Time) })
	latency, waited := t.waited(sp)
	failed := t.failed(sp)
	turn.Name, turn.Start, turn.End, turn.Events = semconv.SpanVoiceTurn, start, last, events
	turn.Attributes = signal.NewAttributes(attrs)
	if !spoken.IsZero() {
		turn.End = spoken
	}
	for _, a := range t.of.of(turn.Attributes, "turn") {
		if a.Key != string(semconv.VoiceTurnResponseLatencyKey) {
			turn.add(a)
		}
	}
	turn.add(attr(semconv.VoiceTurnIndexKey, index), attr(semconv.VoiceTurnInitiatorKey, initiator))
	switch {
	case failed != nil && spoken.IsZero():
		turn.add(attr(semconv.VoiceTurnOutcomeKey, semconv.VoiceTurnOutcomeFailed))
		turn.add(attr(semconv.ErrorTypeKey, cmp.Or(failed.Attributes.Text(semconv.ErrorTypeKey), "_OTHER")))
	case turn.Failed:
		turn.add(attr(semconv.VoiceTurnOutcomeKey, semconv.VoiceTurnOutcomeFailed))
	case interrupted:
		turn.add(attr(semconv.VoiceTurnOutcomeKey, semconv.VoiceTurnOutcomeInterrupted))
	case !spoken.IsZero():
		turn.add(attr(semconv.VoiceTurnOutcomeKey, semconv.VoiceTurnOutcomeCompleted))
	}
	if waited {
		turn.add(attr(semconv.VoiceTurnResponseLatencyKey, latency.Seconds()))
		turn.add(t.parts(sp, latency)...)
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package call

import (
	"cmp"
	"math"
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/floor"
	"github.com/voice-agents/telemetry/semconv"
)

// speeches pairs each start of speech with the next end. Speech that the end of the turn cut ends with it.
func (t *Turn) speeches() {
	pair := func(started, stopped string) (list []Speech) {
		isOpen := false
		for _, m := range t.Marks {
			switch {
			case m.At == nil:
			case m.Name == started && !isOpen:
				list, isOpen = append(list, Speech{Start: *m.At}), true
			case m.Name == stopped && isOpen:
				list[len(list)-1].until(*m.At)
				isOpen = false
			}
		}
		if isOpen && t.Outcome == semconv.VoiceTurnOutcomeAbandoned && t.End != nil {
			list[len(list)-1].until(*t.End)
		}
		return list
	}
	t.User = pair(semconv.EventVoiceUserStarted, semconv.EventVoiceUserStopped)
	t.Agent = pair(semconv.EventVoiceAgentStarted, semconv.EventVoiceAgentStopped)
	t.FalseInterruption = slices.ContainsFunc(t.Marks, func(m Mark) bool { return m.Name == semconv.EventVoiceFalseInterruption })
}

func (s *Speech) until(at float64) {
	if d := exact(at - s.Start); d >= 0 {
		s.Duration = &d
	}
}

// exact returns seconds without what rounding adds to nanoseconds.
func exact(s float64) float64 { return math.Round(s*1e9) / 1e9 }

// told returns a fact of the whole session, nil if its span and log line have none.
func (a *assembly) told(key attribute.Key) *float64 {
	for _, list := range a.facts {
		if v, ok := secondsOf(list, key); ok { // A count is not negative either.
			return &v
		}
	}
	return nil
}

// conversation fills in when each side spoke, and the silences between. The sums of the session take precedence over those of its turns.
func (a *assembly) conversation() {
	c := a.call
	intervals, isKnown := a.intervals()
	sums := floor.Measure(intervals)
	talk := &c.Talk
	talk.User, talk.Agent = a.told(semconv.VoiceTalkUserDurationKey), a.told(semconv.VoiceTalkAgentDurationKey)
	talk.Overlap, talk.Silence = a.told(semconv.VoiceOverlapDurationKey), a.told(semconv.VoiceSilenceDurationKey)
	deadAirs, silence := a.told(semconv.VoiceDeadAirCountKey), talk.Silence
	if a.told(semconv.VoiceTalkUnknownCountKey) == nil {
		fill := func(to **float64, sum float64, isKnown bool) {
			if sum = exact(sum); *to == nil && isKnown {
				*to = &sum
			}
		}
		fill(&talk.User, sums.Talk[floor.User], sums.Talk[floor.User] > 0)
		fill(&talk.Agent, sums.Talk[floor.Agent], sums.Talk[floor.Agent] > 0)
		fill(&talk.Overlap, sums.Overlap, isKnown)
		fill(&talk.Silence, sums.Silence, isKnown)
	}
	switch {
	case deadAirs != nil:
		a.deadAir(longest(sums.Silences, *deadAirs, a.told(semconv.VoiceDeadAirDurationKey)))
	case isKnown && silence == nil: // The session has no bound if it has a silence and no dead air.
		a.deadAir(slices.DeleteFunc(sums.Silences, func(s floor.Silence) bool { return s.Duration() <= floor.DefaultDeadAir }))
	}
}

// intervals returns who spoke when, and reports whether that is known of both sides in all turns.
func (a *assembly) intervals() (list []floor.Interval, isKnown bool) {
	isKnown = true
	has, latest := [2]bool{}, a.latest()
	for _, t := range a.call.Turns {
		for side, spoke := range [][]Speech{floor.User: t.User, floor.Agent: t.Agent} {
			for _, s := range spoke {
				to := latest // Who still speaks does so until now.
				switch {
				case s.Duration != nil:
					to = s.Start + *s.Duration
				case !t.Open:
					isKnown = false
					continue
				}
				list = append(list, floor.Interval{Side: floor.Side(side), From: s.Start, To: to})
				has[side] = true
			}
		}
		if len(t.User) == 0 && !t.Open && t.Initiator != semconv.VoiceTurnInitiatorAgent {
			isKnown = false
		}
	}
	return append(list, a.away()...), isKnown && has[floor.User] && has[floor.Agent]
}

// latest returns the latest instant of a mark, in seconds.
func (a *assembly) latest() (at float64) {
	for _, t := range a.call.Turns {
		for _, m := range t.Marks {
			if m.At != nil {
				at = max(at, *m.At)
			}
		}
	}
	return at
}

// away returns the times in which no side was expected to speak: on hold, and between two parts of a session.
func (a *assembly) away() (list []floor.Interval) {
	since, holds := 0.0, 0
	for _, m := range a.call.Marks {
		switch {
		case m.At == nil:
		case m.Name == semconv.EventVoiceHoldStarted:
			holds++
			if holds == 1 {
				since = *m.At
			}
		case m.Name == semconv.EventVoiceHoldEnded && holds > 0:
			holds--
			if holds == 0 {
				list = append(list, floor.Interval{Side: floor.Away, From: since, To: *m.At})
			}
		}
	}
	if holds > 0 {
		list = append(list, floor.Interval{Side: floor.Away, From: since, To: math.Inf(1)})
	}
	var ended *float64
	for _, s := range a.spans {
		if s.Name != semconv.SpanVoiceSession {
			continue
		}
		if start := offset(a.call.Start, s.Start); ended != nil && start != nil {
			list = append(list, floor.Interval{Side: floor.Away, From: *ended, To: *start})
		}
		ended = offset(a.call.Start, s.End)
	}
	return list
}

// near is how far the sum of dead air may be from what the session says, in seconds.
const near = 0.01

// longest returns the silences of which a session says that they are dead air. It returns none if the turns do not
// have them, such as when the span of a turn is lost.
func longest(silences []floor.Silence, count float64, total *float64) []floor.Silence {
	if count < 1 || count > float64(len(silences)) {
		return nil
	}
	sorted := slices.SortedStableFunc(slices.Values(silences), func(x, y floor.Silence) int { return cmp.Compare(y.Duration(), x.Duration()) })
	sorted = sorted[:int(count)]
	sum := 0.0
	for _, s := range sorted {
		sum += s.Duration()
	}
	if total == nil || math.Abs(sum-*total) > near {
		return nil
	}
	slices.SortFunc(sorted, func(x, y floor.Silence) int { return cmp.Compare(x.From, y.From) })
	return sorted
}

// deadAir adds silences to the call, each with what the agent did. Of the longest one the session says it.
func (a *assembly) deadAir(silences []floor.Silence) {
	if len(silences) == 0 {
		return
	}
	works := a.works()
	slices.SortFunc(works, func(x, y floor.Work) int { return cmp.Compare(x.From, y.From) })
	var during []floor.Work // Those within the silence.
	most := 0
	for i, s := range silences {
		for ; len(works) > 0 && works[0].From < s.To; works = works[1:] {
			during = append(during, works[0])
		}
		during = slices.DeleteFunc(during, func(w floor.Work) bool { return w.To <= s.From })
		d := exact(s.Duration())
		a.call.DeadAir = append(a.call.DeadAir, DeadAir{Speech{exact(s.From), &d}, s.Activity(during)})
		if d > *a.call.DeadAir[most].Duration {
			most = i
		}
	}
	for _, list := range a.facts {
		if activity := list.Text(semconv.VoiceDeadAirActivityKey); activity != "" {
			a.call.DeadAir[most].Activity = activity
			return
		}
	}
}

// activities are what the agent does in a segment of the response latency, and in a stage.
var (
	segmentActivities = map[string]string{
		semconv.VoiceSegmentTranscription: semconv.VoiceDeadAirActivityTranscription,
		semconv.VoiceSegmentEndpointing:   semconv.VoiceDeadAirActivityEndpointing,
		semconv.VoiceSegmentDispatch:      semconv.VoiceDeadAirActivityGeneration,
		semconv.VoiceSegmentGeneration:    semconv.VoiceDeadAirActivityGeneration,
		semconv.VoiceSegmentAggregation:   semconv.VoiceDeadAirActivityGeneration,
		semconv.VoiceSegmentSynthesis:     semconv.VoiceDeadAirActivitySynthesis,
		semconv.VoiceSegmentPlayout:       semconv.VoiceDeadAirActivitySynthesis,
	}
	stageActivities = map[string]string{
		semconv.VoiceStageSTT:      semconv.VoiceDeadAirActivityTranscription,
		semconv.VoiceStageLLM:      semconv.VoiceDeadAirActivityGeneration,
		semconv.VoiceStageRealtime: semconv.VoiceDeadAirActivityGeneration,
		semconv.VoiceStageTTS:      semconv.VoiceDeadAirActivitySynthesis,
		semconv.VoiceStageTool:     semconv.VoiceDeadAirActivityTool,
	}
)

// works returns what the agent did. Within the response latency the segments say it, and otherwise the stages.
func (a *assembly) works() (list []floor.Work) {
	for _, t := range a.call.Turns {
		answered := math.Inf(-1)
		if t.ResponseLatency != nil && len(t.Agent) > 0 {
			answered = t.Agent[0].Start - *t.ResponseLatency
			for _, s := range t.Segments {
				list = append(list, floor.Work{Activity: segmentActivities[s.Name], From: answered, To: answered + s.Duration})
				answered += s.Duration
			}
		} else if committed, ok := t.last(semconv.EventVoiceTurnCommitted, math.Inf(1)); ok {
			from, ok := t.last(semconv.EventVoiceTranscriptFinal, committed)
			if !ok {
				from, ok = t.last(semconv.EventVoiceUserStopped, committed)
			}
			if ok {
				list = append(list, floor.Work{Activity: semconv.VoiceDeadAirActivityEndpointing, From: from, To: committed})
			}
		}
		visit(t.Stages, func(s *Stage) {
			if s.Start == nil || s.Duration == nil {
				return
			}
			from := *s.Start
			if s.Kind != semconv.VoiceStageTool {
				from = max(from, answered)
			}
			list = append(list, floor.Work{Activity: stageActivities[s.Kind], From: from, To: *s.Start + *s.Duration})
		})
	}
	return list
}

// last returns the last instant of a mark that is not after another instant.
func (t *Turn) last(name string, until float64) (at float64, ok bool) {
	for _, m := range t.Marks {
		if m.Name == name && m.At != nil && *m.At <= until {
			at, ok = *m.At, true
		}
	}
	return at, ok
}

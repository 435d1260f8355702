// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"fmt"
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// comparedAttributes are those that the reference knows.
var comparedAttributes = []attribute.Key{
	semconv.VoiceTalkUserDurationKey, semconv.VoiceTalkAgentDurationKey, semconv.VoiceTalkUserLongestKey, semconv.VoiceTalkAgentLongestKey,
	semconv.VoiceTalkAgentRatioKey, semconv.VoiceTalkUnknownCountKey, semconv.VoiceOverlapDurationKey, semconv.VoiceSilenceDurationKey,
	semconv.VoiceDeadAirCountKey, semconv.VoiceDeadAirDurationKey, semconv.VoiceDeadAirLongestKey, semconv.VoiceSessionTimeSinceSpeechKey,
	semconv.VoiceAgentInterruptionCountKey, semconv.VoiceAgentInterruptionOverlapKey, semconv.VoiceBackchannelCountKey,
	semconv.VoiceInterruptionStopTimeKey, semconv.VoiceInterruptionOverlapKey, semconv.VoiceInterruptionRecoveryKey,
	semconv.VoiceInterruptionResumedCountKey, semconv.VoiceInterruptionRestartedCountKey, semconv.VoiceFalseInterruptionCountKey,
	semconv.VoiceSessionInterruptionCountKey, semconv.VoiceSessionTurnCountKey, semconv.VoiceTurnOutcomeKey,
	semconv.VoiceSessionTimeToFirstAudioKey, semconv.VoiceHoldCountKey, semconv.VoiceHoldDurationKey, semconv.VoiceDeadAirActivityKey, semconv.VoiceTurnToolTimeKey,
	semconv.VoiceTurnResponseLatencyKey, semconv.VoiceTurnLatencyBudgetKey, semconv.VoiceTurnOverBudgetKey, semconv.VoiceTurnSlowestSegmentKey,
	segmentKey(otelvoice.SegmentTranscription), segmentKey(otelvoice.SegmentEndpointing), segmentKey(otelvoice.SegmentDispatch),
	segmentKey(otelvoice.SegmentGeneration), segmentKey(otelvoice.SegmentAggregation), segmentKey(otelvoice.SegmentSynthesis),
	segmentKey(otelvoice.SegmentPlayout),
}

// reference returns what the documents say of a call: of the session at 0, and of each turn at its number.
func reference(c *randomCall) []reading {
	turns := replay(c)
	byEnd := slices.SortedFunc(slices.Values(turns), func(a, b *refTurn) int { return a.endedBy - b.endedBy })
	out := make([]reading, len(turns)+1)
	for n := range out {
		out[n] = make(reading)
	}
	for _, t := range byEnd {
		t.decide()
		out[t.number][semconv.VoiceTurnOutcomeKey] = string(t.outcome)
		t.talk(turns, out[t.number])
		t.latency(turns, out[t.number])
	}
	session := out[0]
	session.count(semconv.VoiceSessionTurnCountKey, len(turns))
	aftermath(turns, byEnd, out)
	away := c.away(session)
	var heard []int
	for _, t := range turns {
		heard = append(heard, t.has(otelvoice.AgentStarted, t.endedBy)...)
	}
	if len(heard) > 0 && slices.Min(heard) >= 0 {
		session.ticks(semconv.VoiceSessionTimeToFirstAudioKey, slices.Min(heard))
	}
	if len(turns) == 0 {
		return out
	}
	users, agents := make(grid), make(grid)
	unknown, unknownUser, unknownAgent := 0, false, false
	for _, t := range turns {
		users.add(t.user.speech...)
		agents.add(t.agent.speech...)
		if !t.user.known || !t.agent.known {
			unknown++
		}
		unknownUser, unknownAgent = unknownUser || !t.user.known, unknownAgent || !t.agent.known
	}
	first, last := -1000, c.end
	for first < last && !users[first] && !agents[first] {
		first++
	}
	for last > first && !users[last-1] && !agents[last-1] {
		last--
	}
	if !unknownUser {
		session.ticks(semconv.VoiceTalkUserDurationKey, len(users))
		session.ticks(semconv.VoiceTalkUserLongestKey, longest(users, first, last))
	}
	if !unknownAgent {
		session.ticks(semconv.VoiceTalkAgentDurationKey, len(agents))
		session.ticks(semconv.VoiceTalkAgentLongestKey, longest(agents, first, last))
	}
	switch {
	case unknown > 0:
		session.count(semconv.VoiceTalkUnknownCountKey, unknown)
	case first < last:
		session[semconv.VoiceTalkAgentRatioKey] = fmt.Sprintf("%.3f", float64(len(agents))/float64(len(agents)+len(users)))
		session.ticks(semconv.VoiceSessionTimeSinceSpeechKey, c.end-last)
		exchange(session, users, agents, away, first, last)
		deadAir(session, turns, users, agents, away, first, last)
		overlaps(session, turns, users, agents, first, last)
	}
	return out
}

func longest(g grid, from, to int) (most int) {
	n := 0
	for i := from; i < to; i++ {
		n++
		if !g[i] {
			n = 0
		}
		most = max(most, n)
	}
	return most
}

// away reads the holds of a call.
func (c *randomCall) away(session reading) grid {
	away, open, count, since, held := make(grid), 0, 0, 0, 0
	end := func(at int) {
		away.add(stretch{since, at})
		held += at - since
	}
	for _, r := range c.reports {
		switch r.what {
		case "hold":
			if open == 0 {
				since = r.told
			}
			open++
			count++
		case "return":
			open--
			if open == 0 {
				end(r.told)
			}
		}
	}
	if open > 0 {
		end(c.end)
	}
	if count > 0 {
		session.count(semconv.VoiceHoldCountKey, count)
		session.ticks(semconv.VoiceHoldDurationKey, held)
	}
	return away
}

// exchange reads silence and dead air.
func exchange(session reading, users, agents, away grid, first, last int) {
	silence, count, sum, most, quiet := 0, 0, 0, 0, 0
	for i := first; i < last; i++ {
		if !users[i] && !agents[i] && !away[i] {
			silence++
			quiet++
			continue
		}
		if quiet > 30 {
			count++
			sum += quiet
			most = max(most, quiet)
		}
		quiet = 0
	}
	session.ticks(semconv.VoiceSilenceDurationKey, silence)
	session.count(semconv.VoiceDeadAirCountKey, count)
	session.ticks(semconv.VoiceDeadAirDurationKey, sum)
	if count > 0 {
		session.ticks(semconv.VoiceDeadAirLongestKey, most)
	}
}

// deadAir reads what the agent did in the longest dead air. Without one activity that took the most, it
// reads nothing.
func deadAir(session reading, turns []*refTurn, users, agents, away grid, from, to int) {
	quiet, most := stretch{from, from}, stretch{}
	var last, before struct{ user, agent bool } // Who spoke last, and before the longest.
	for i := from; i < to; i++ {
		if !users[i] && !agents[i] && !away[i] {
			continue
		}
		if quiet.to = i; quiet.to-quiet.from > max(30, most.to-most.from) {
			most, before = quiet, last
		}
		quiet.from = i + 1
		if users[i] || agents[i] {
			last.user, last.agent = users[i], agents[i]
		}
	}
	if most == (stretch{}) || before.user && before.agent {
		return
	}
	took := make(map[string]int)
	order := []string{
		semconv.VoiceDeadAirActivityEndpointing, semconv.VoiceDeadAirActivityTranscription, semconv.VoiceDeadAirActivitySynthesis,
		semconv.VoiceDeadAirActivityGeneration, semconv.VoiceDeadAirActivityTool,
	}
	var work []map[int]string
	for _, t := range turns {
		work = append(work, t.worked())
	}
	for i := most.from; i < most.to; i++ {
		doing := -1
		for _, did := range work {
			if at := slices.Index(order, did[i]); at >= 2 || before.user {
				doing = max(doing, at)
			}
		}
		switch {
		case doing >= 0:
			took[order[doing]]++
		case before.user:
			took[semconv.VoiceDeadAirActivityIdle]++
		default:
			took[semconv.VoiceDeadAirActivityListening]++
		}
	}
	best, second := "", 0
	for activity, n := range took {
		switch {
		case n > took[best]:
			best, second = activity, took[best]
		case n > second:
			second = n
		}
	}
	if took[best] > second {
		session[semconv.VoiceDeadAirActivityKey] = best
	}
}

// overlaps reads when both spoke.
func overlaps(session reading, turns []*refTurn, users, agents grid, first, last int) {
	overlap, byAgent, both, backchannels := 0, 0, 0, 0
	for i := first; i < last; i++ {
		if !users[i] || !agents[i] {
			continue
		}
		overlap++
		to := i
		for users[to] && agents[to] {
			to++
		}
		switch {
		case users[i-1] && !agents[i-1]:
			byAgent++
			both += to - i
		case agents[i-1] && !users[i-1] && agents[to] && !interrupts(turns, i, to):
			backchannels++
		}
	}
	session.ticks(semconv.VoiceOverlapDurationKey, overlap)
	session.count(semconv.VoiceAgentInterruptionCountKey, byAgent)
	session.count(semconv.VoiceBackchannelCountKey, backchannels)
	if byAgent > 0 {
		session.ticks(semconv.VoiceAgentInterruptionOverlapKey, both)
	}
}

// interrupts reports whether speech of the user is of an interruption, if only a false one.
func interrupts(turns []*refTurn, from, to int) bool {
	for _, t := range turns {
		if t.isInterrupted() && t.since >= from && t.since <= to {
			return true
		}
		for _, i := range t.dismissed {
			if since, _, _ := t.find(turns, i); since >= from && since <= to {
				return true
			}
		}
	}
	return false
}

// aftermath reads what followed interruptions.
func aftermath(turns, byEnd []*refTurn, out []reading) {
	interruptions, resumed, restarted, falsely := 0, 0, 0, 0
	for _, t := range turns {
		falsely += len(t.dismissed)
		resumed += len(t.dismissed)
		if t.isInterrupted() {
			interruptions++
			if t.resumed {
				resumed++
			}
		}
		if t.resumed || len(t.dismissed) > 0 {
			out[t.number][semconv.VoiceInterruptionRecoveryKey] = semconv.VoiceInterruptionRecoveryResumed
		}
	}
	for _, t := range turns {
		if !t.isInterrupted() || t.resumed {
			continue
		}
		for _, next := range byEnd {
			if last, _ := next.lastSpoke(); next.number > t.number && len(next.has(otelvoice.AgentStarted, next.endedBy)) > 0 && last >= t.since {
				restarted++
				if key := semconv.VoiceInterruptionRecoveryKey; out[next.number][key] == "" && next.endedBy > t.endedBy {
					out[next.number][key] = semconv.VoiceInterruptionRecoveryRestarted
				}
				break
			}
		}
		if isFalse(t, turns) {
			falsely++
		}
	}
	session := out[0]
	session.count(semconv.VoiceSessionInterruptionCountKey, interruptions)
	if interruptions+resumed > 0 {
		session.count(semconv.VoiceInterruptionResumedCountKey, resumed)
		session.count(semconv.VoiceInterruptionRestartedCountKey, restarted)
	}
	if falsely > 0 {
		session.count(semconv.VoiceFalseInterruptionCountKey, falsely)
	}
}

// isFalse reports whether the next turn says that an interruption was a false one.
func isFalse(t *refTurn, turns []*refTurn) bool {
	for _, next := range turns[t.number:] {
		heard := len(next.has(otelvoice.AgentStarted, next.endedBy)) > 0
		switch {
		case next.ended < t.since:
		case next.byAgent:
			if last, _ := next.lastSpoke(); heard && last >= t.since {
				return true
			}
		default:
			words := len(next.has(otelvoice.FinalTranscript, next.endedBy)) + len(next.has(otelvoice.LLMRequested, next.endedBy))
			return next.outcome == otelvoice.Abandoned && !next.byParent && !next.user.isCut && words == 0 && !heard
		}
	}
	return false
}

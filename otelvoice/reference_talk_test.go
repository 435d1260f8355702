// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// A refTurn is a turn as the reference sees it.
type refTurn struct {
	number, ended, endedBy int // Its number from 1, when it ended, and by which report.
	byAgent, byParent      bool
	marks                  []report
	interruption           *report
	dismissed              []report
	failed, abandoned      bool
	tools                  []stretch

	outcome     otelvoice.Outcome
	user, agent voiceOf
	since       int  // The start of the speech that interrupted.
	resumed     bool // The agent spoke again in it.
	latencies   map[otelvoice.SegmentName]int
}

// A voiceOf is the speech of a side.
type voiceOf struct {
	speech []stretch
	known  bool
	isCut  bool // The last speech lasted until the end of the turn.
}

type stretch struct{ from, to int }

// A grid has the ticks in which something is so.
type grid map[int]bool

func (g grid) add(s ...stretch) {
	for _, s := range s {
		for i := s.from; i < s.to; i++ {
			g[i] = true
		}
	}
}

// replay returns the turns of a call, by number.
func replay(c *randomCall) (turns []*refTurn) {
	byID := make(map[int]*refTurn)
	for i, r := range c.reports {
		t := byID[r.turn]
		switch r.what {
		case "start", "start by the agent":
			t = &refTurn{number: len(turns) + 1, byAgent: r.what != "start", endedBy: -1}
			byID[r.turn] = t
			turns = append(turns, t)
			continue
		case "hold", "return":
			continue
		}
		if t.endedBy >= 0 {
			continue
		}
		switch r.what {
		case "mark":
			r.told = i // From here on, what counts is which report it is.
			t.marks = append(t.marks, r)
		case "interrupt":
			if t.interruption == nil {
				t.interruption = &r
			}
		case "dismiss":
			if t.interruption != nil {
				t.dismissed = append(t.dismissed, *t.interruption)
				t.interruption = nil
			} else {
				t.dismissed = append(t.dismissed, report{at: r.told, since: unset})
			}
		case "tool":
			t.tools = append(t.tools, stretch{r.told, math.MaxInt})
		case "tool ends":
			open := slices.IndexFunc(t.tools, func(s stretch) bool { return s.to == math.MaxInt })
			t.tools[open].to = r.told
		case "fail":
			t.failed = true
		case "abandon":
			t.abandoned = true
		case "end":
			t.ended, t.endedBy = r.told, i
		}
	}
	for i, t := range turns {
		if t.endedBy < 0 {
			t.ended, t.endedBy, t.byParent = c.end, len(c.reports)+i, true
		}
	}
	return turns
}

// has returns the times of a mark in order, of reports before one.
func (t *refTurn) has(m otelvoice.Mark, before int) (at []int) {
	for _, r := range t.marks {
		if r.mark == m && r.told < before {
			at = append(at, r.at)
		}
	}
	slices.Sort(at)
	return at
}

// spoke returns the speech of a side, as far as reports before one say.
func (t *refTurn) spoke(start, stop otelvoice.Mark, before int) (v voiceOf) {
	marks := slices.Clone(t.marks)
	slices.SortStableFunc(marks, func(a, b report) int { return a.at - b.at })
	starts, stops := t.has(start, before), t.has(stop, before)
	if len(starts)+len(stops) == 0 {
		return voiceOf{known: start == otelvoice.AgentStarted || t.byAgent}
	}
	v.known = len(starts) <= 15 && len(stops) <= 15
	speaks, agentStarted := false, false
	for _, r := range marks {
		n := len(v.speech)
		switch {
		case r.told >= before:
		case r.mark == start && n > 0 && v.speech[n-1].to == r.at: // It speaks on.
			v.speech[n-1].to, speaks = math.MaxInt, true
		case r.mark == start && !speaks:
			v.speech = append(v.speech, stretch{r.at, math.MaxInt})
			speaks = true
		case r.mark == stop && (speaks || n > 0 && !agentStarted):
			v.speech[n-1].to = r.at
			speaks, agentStarted = false, false
		case r.mark == stop:
			v.known = false
		}
		agentStarted = agentStarted || r.mark == otelvoice.AgentStarted && start == otelvoice.UserStarted
	}
	isShort := func(s stretch) bool { return s.from == s.to }
	v.known = v.known && !slices.ContainsFunc(v.speech, isShort)
	v.speech = slices.DeleteFunc(v.speech, isShort)
	return v
}

// whole does the same at the end of the turn.
func (t *refTurn) whole(start, stop otelvoice.Mark) voiceOf {
	v := t.spoke(start, stop, t.endedBy)
	if n := len(v.speech); n > 0 && v.speech[n-1].to == math.MaxInt {
		if (t.byParent || t.outcome == otelvoice.Abandoned) && v.speech[n-1].from <= t.ended {
			v.speech[n-1].to, v.isCut = t.ended, true
		} else {
			v.speech, v.known = v.speech[:n-1], false
		}
	}
	if slices.ContainsFunc(v.speech, func(s stretch) bool { return s.to > t.ended }) {
		return voiceOf{}
	}
	return v
}

// usersKnown returns the user's speech in turns, as it is known when one ends.
func usersKnown(turns []*refTurn, before int) (all []stretch) {
	for _, t := range turns {
		switch {
		case t.endedBy > before:
			all = append(all, t.spoke(otelvoice.UserStarted, otelvoice.UserStopped, before).speech...)
		default:
			all = append(all, t.user.speech...)
		}
	}
	return merged(all)
}

// merged merges speech that overlaps or touches.
func merged(all []stretch) []stretch {
	for i, a := range all {
		for j, b := range all[:i] {
			if a.from <= b.to && b.from <= a.to {
				all[j] = stretch{min(a.from, b.from), max(a.to, b.to)}
				return merged(slices.Delete(all, i, i+1))
			}
		}
	}
	return all
}

// find returns the start of the speech that interrupted, and its end if its start was marked.
func (t *refTurn) find(turns []*refTurn, i report) (since, to int, found bool) {
	heard := t.has(otelvoice.AgentStarted, t.endedBy)
	since, until := i.at, i.at
	if i.since != unset {
		since, until = i.since, i.since
	}
	last := math.MinInt
	for _, s := range usersKnown(turns, t.endedBy) {
		if len(heard) > 0 && s.from >= heard[0] && s.from <= until && s.from > last && (i.since == unset || s.to >= i.since) {
			last, to, found = s.from, s.to, true
		}
	}
	if found && i.since == unset {
		since = last
	}
	return since, to, found
}

// decide finds the outcome and the speech of a turn.
func (t *refTurn) decide() {
	switch heard := t.has(otelvoice.AgentStarted, t.endedBy); {
	case t.abandoned:
		t.outcome = otelvoice.Abandoned
	case t.failed:
		t.outcome = otelvoice.Failed
	case t.interruption != nil:
		t.outcome = otelvoice.Interrupted
	case t.byParent || len(heard) == 0 && (len(t.tools) == 0 || t.tools[len(t.tools)-1].to == math.MaxInt):
		t.outcome = otelvoice.Abandoned
	default:
		t.outcome = otelvoice.Completed
	}
	t.user = t.whole(otelvoice.UserStarted, otelvoice.UserStopped)
	t.agent = t.whole(otelvoice.AgentStarted, otelvoice.AgentStopped)
}

func (t *refTurn) isInterrupted() bool {
	return t.interruption != nil && (t.outcome == otelvoice.Interrupted || t.outcome == otelvoice.Failed)
}

// A reading is what the documents say of a span.
type reading map[attribute.Key]string

func (r reading) ticks(key attribute.Key, n int) {
	r[key] = fmt.Sprintf("%.3f", float64(n)*tick.Seconds())
}

func (r reading) count(key attribute.Key, n int) { r[key] = strconv.Itoa(n) }

// talk reads who spoke in a turn.
func (t *refTurn) talk(turns []*refTurn, r reading) {
	for key, v := range map[attribute.Key]voiceOf{semconv.VoiceTalkUserDurationKey: t.user, semconv.VoiceTalkAgentDurationKey: t.agent} {
		if sum := 0; v.known {
			for _, s := range v.speech {
				sum += s.to - s.from
			}
			r.ticks(key, sum)
		}
	}
	if t.isInterrupted() {
		t.stop(turns, r)
	}
	users, count, both := make(grid), 0, 0
	for _, s := range usersKnown(turns, t.endedBy) {
		s.to = min(s.to, t.ended+1)
		users.add(s)
	}
	for _, s := range t.agent.speech {
		if s.from < s.to && users[s.from-1] && users[s.from] {
			count++
			for i := s.from; i < s.to && users[i]; i++ {
				both++
			}
		}
	}
	if count > 0 && t.agent.known {
		r.ticks(semconv.VoiceAgentInterruptionOverlapKey, both)
	}
}

// lastSpoke returns when the agent last began to speak, even if the end is not known.
func (t *refTurn) lastSpoke() (at int, known bool) {
	speech := t.spoke(otelvoice.AgentStarted, otelvoice.AgentStopped, t.endedBy).speech
	if n := len(speech); n > 0 && speech[n-1].from <= t.ended {
		return speech[n-1].from, true
	}
	return t.ended, false
}

// stop reads how the agent stopped.
func (t *refTurn) stop(turns []*refTurn, r reading) {
	var to int
	var found bool
	t.since, to, found = t.find(turns, *t.interruption)
	last, known := t.lastSpoke()
	t.resumed = known && last > t.since
	for i, s := range t.agent.speech {
		if t.since < s.from || t.since > s.to || !t.agent.known || r[semconv.VoiceInterruptionStopTimeKey] != "" {
			continue
		}
		if t.agent.isCut && i == len(t.agent.speech)-1 {
			continue // When the agent would have stopped is not known.
		}
		r.ticks(semconv.VoiceInterruptionStopTimeKey, s.to-t.since)
		if found {
			r.ticks(semconv.VoiceInterruptionOverlapKey, min(to, s.to)-t.since)
		}
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// A refSegment is a segment of the response latency with its budget in ticks, 0 for none; see budgets.
type refSegment struct {
	name   otelvoice.SegmentName
	end    otelvoice.Mark // The mark at which it ends.
	budget int
}

var refSegments = []refSegment{
	{otelvoice.SegmentTranscription, otelvoice.FinalTranscript, 3},
	{otelvoice.SegmentEndpointing, otelvoice.TurnCommitted, 3},
	{otelvoice.SegmentDispatch, otelvoice.LLMRequested, 1},
	{otelvoice.SegmentGeneration, otelvoice.FirstToken, 10},
	{otelvoice.SegmentAggregation, otelvoice.TTSRequested, 0},
	{otelvoice.SegmentSynthesis, otelvoice.FirstByte, 4},
	{otelvoice.SegmentPlayout, otelvoice.AgentStarted, 2},
}

// refBudget is the budget of the response latency, in ticks.
const refBudget = 20

// A refWait is the time from the end of the user's speech to the agent's voice, or until it was given up.
type refWait struct {
	from, to int
	ends     []int // When segments end, by refSegments. Unset is not known.
}

// segments measures the segments that end between the end of speech and another time.
func (t *refTurn) segments(from, to int) refWait {
	w := refWait{from: from, to: to}
	for _, s := range refSegments[:len(refSegments)-1] {
		end := unset
		for _, at := range t.has(s.end, t.endedBy) {
			isLast := s.end == otelvoice.FinalTranscript || s.end == otelvoice.TurnCommitted
			if at <= to && (end == unset || isLast || end < from) {
				end = at // The last transcript and commit count, and the first of the other marks after the speech.
			}
		}
		w.ends = append(w.ends, end)
	}
	return w
}

// judge returns the durations of the known segments by name, and the budgets that are exceeded.
func (w refWait) judge(until int) (took map[otelvoice.SegmentName]int, over []string, slowest otelvoice.SegmentName) {
	took = make(map[otelvoice.SegmentName]int)
	begin, budget, isKnown := w.from, 0, true
	for i, end := range w.ends {
		s := refSegments[i]
		budget += s.budget
		isKnown = isKnown && s.budget > 0
		if end == unset {
			continue // It is a part of the next.
		}
		end = min(max(end, begin), until)
		took[s.name] = end - begin
		if isKnown && took[s.name] > budget {
			over = append(over, string(s.name))
		}
		if slowest == "" || took[s.name] > took[slowest] {
			slowest = s.name
		}
		begin, budget, isKnown = end, 0, true
	}
	return took, over, slowest
}

// endOfSpeech returns the end of the user's speech that the agent answers.
func (t *refTurn) endOfSpeech() (at int, ok bool) {
	stops, heard := t.has(otelvoice.UserStopped, t.endedBy), t.has(otelvoice.AgentStarted, t.endedBy)
	if len(stops) == 0 {
		return 0, false
	}
	at = stops[len(stops)-1]
	for _, stop := range stops {
		if len(heard) > 0 && stop <= heard[0] {
			at = stop
		}
	}
	return at, true
}

// latency reads the response latency and the budgets of a turn.
func (t *refTurn) latency(turns []*refTurn, r reading) {
	from, ok := t.endOfSpeech()
	if !ok || t.byAgent || t.isStale(turns, from) {
		return
	}
	if heard := t.has(otelvoice.AgentStarted, t.endedBy); len(heard) > 0 {
		if heard[0] >= from {
			w := t.segments(from, heard[0])
			w.ends = append(w.ends, heard[0])
			took, over, slowest := w.judge(heard[0])
			r.ticks(semconv.VoiceTurnResponseLatencyKey, heard[0]-from)
			for name, d := range took {
				r.ticks(segmentKey(name), d)
			}
			r.over(over, heard[0]-from, slowest)
			inTools := make(grid)
			for _, s := range t.tools {
				inTools.add(stretch{max(s.from, from), min(s.to, heard[0])})
			}
			if len(inTools) > 0 {
				r.ticks(semconv.VoiceTurnToolTimeKey, len(inTools))
			}
			t.latencies = took
		}
		return
	}
	to := t.ended
	if t.interruption != nil {
		to = min(to, t.interruption.at)
	}
	for _, at := range t.has(otelvoice.UserStarted, t.endedBy) {
		if at > from {
			to = min(to, at)
		}
	}
	if to < from {
		return
	}
	w := t.segments(from, to)
	last := -1
	for i, end := range w.ends {
		if end != unset {
			last = i
		}
	}
	isAtWork := last >= 1 && w.ends[len(w.ends)-1] == unset
	if t.outcome == otelvoice.Completed || !isAtWork {
		_, over, _ := w.judge(to)
		r.over(over, 0, "")
		return
	}
	if w.ends[last] >= from { // Else the answer was prepared early, and it is not known what the user waits for.
		w.ends[last+1] = to
		w.ends = w.ends[:last+2]
	}
	_, over, slowest := w.judge(to)
	r.over(over, to-from, slowest)
}

// worked returns what the agent did in the turn, by tick.
func (t *refTurn) worked() map[int]string {
	did := make(map[int]string)
	add := func(activity string, s stretch) {
		for i := s.from; i < min(s.to, t.ended); i++ {
			did[i] = activity
		}
	}
	from, _ := t.endOfSpeech()
	_, hasByte := t.latencies[otelvoice.SegmentSynthesis]
	for _, s := range refSegments {
		took := t.latencies[s.name]
		switch s.name {
		case otelvoice.SegmentTranscription:
			add(semconv.VoiceDeadAirActivityTranscription, stretch{from, from + took})
		case otelvoice.SegmentEndpointing:
			add(semconv.VoiceDeadAirActivityEndpointing, stretch{from, from + took})
		case otelvoice.SegmentSynthesis:
			add(semconv.VoiceDeadAirActivitySynthesis, stretch{from, from + took})
		case otelvoice.SegmentPlayout:
			if hasByte {
				add(semconv.VoiceDeadAirActivitySynthesis, stretch{from, from + took})
			}
		default:
			add(semconv.VoiceDeadAirActivityGeneration, stretch{from, from + took})
		}
		from += took
	}
	if commits := t.has(otelvoice.TurnCommitted, t.endedBy); t.latencies == nil && len(commits) > 0 {
		commit := commits[len(commits)-1]
		last := unset
		for _, m := range []otelvoice.Mark{otelvoice.UserStopped, otelvoice.FinalTranscript} {
			for _, at := range t.has(m, t.endedBy) {
				if at <= commit && (last == unset || m == otelvoice.FinalTranscript) {
					last = at
				}
			}
		}
		if last != unset {
			add(semconv.VoiceDeadAirActivityEndpointing, stretch{last, commit})
		}
	}
	for _, s := range t.tools {
		add(semconv.VoiceDeadAirActivityTool, s)
	}
	return did
}

// isStale reports whether an end of speech is of an earlier turn.
func (t *refTurn) isStale(turns []*refTurn, from int) bool {
	return slices.ContainsFunc(turns[:t.number-1], func(before *refTurn) bool {
		at, ok := before.endOfSpeech()
		return ok && before.endedBy < t.endedBy && at >= from && at <= before.ended
	})
}

func segmentKey(name otelvoice.SegmentName) attribute.Key {
	return attribute.Key("voice.turn.segment." + name)
}

// over reads the budgets that a turn exceeds.
func (r reading) over(segments []string, response int, slowest otelvoice.SegmentName) {
	if response > refBudget {
		segments = slices.Insert(segments, 0, semconv.VoiceBudgetResponse)
		r[semconv.VoiceTurnLatencyBudgetKey] = "2.000"
		if slowest != "" {
			r[semconv.VoiceTurnSlowestSegmentKey] = string(slowest)
		}
	}
	if len(segments) > 0 {
		r[semconv.VoiceTurnOverBudgetKey] = `["` + strings.Join(segments, `","`) + `"]`
	}
}

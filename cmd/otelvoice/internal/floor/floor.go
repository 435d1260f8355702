// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package floor measures who has the floor in a recorded conversation: talk, overlap, silence, and what the agent
// did in a silence. Its definitions are those of the toolkit (voice.talk.user.duration, voice.overlap.duration,
// voice.silence.duration, voice.dead_air.activity). All times are seconds.
package floor

import (
	"cmp"
	"math"
	"slices"

	"github.com/voice-agents/telemetry/semconv"
)

// DefaultDeadAir is the longest silence that is not dead air, in seconds, as otelvoice.WithDeadAir has it.
const DefaultDeadAir = 3.0

// A Side is whose time an interval is.
type Side int

// The sides. Away is a time in which no side is expected to speak, such as on hold.
const (
	User Side = iota
	Agent
	Away
)

// An Interval is a time in which a side speaks: From is in it, To is not.
type Interval struct {
	Side     Side
	From, To float64
}

// A Silence is a time in which both sides are silent, between two speeches.
type Silence struct {
	From, To float64
	After    Side // Who spoke before it.
}

// Duration returns how long the silence is.
func (s Silence) Duration() float64 { return s.To - s.From }

// Sums are what was measured.
type Sums struct {
	Talk     [2]float64 // By Side. What a side says at once in several intervals counts once.
	Overlap  float64    // Both speak.
	Silence  float64    // Nobody speaks, between the first and the last speech, without the time away.
	Silences []Silence  // In the order of time.
}

// Measure adds up intervals, which may come in any order and overlap. Intervals that end before they start are
// ignored. It takes n log n for n intervals.
func Measure(intervals []Interval) (s Sums) {
	sorted := slices.DeleteFunc(slices.Clone(intervals), func(i Interval) bool { return !(i.From < i.To) })
	slices.SortFunc(sorted, func(a, b Interval) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Side, b.Side)) })
	var (
		pending []Silence // Before time away. They count if a side speaks again.
		spoke   bool
		covered = math.Inf(-1)                           // The end of all intervals so far.
		sideTo  = [2]float64{math.Inf(-1), math.Inf(-1)} // The end of the speech of each side so far.
		speaker Side
	)
	for _, i := range sorted {
		if spoke && i.From > covered {
			pending = append(pending, Silence{covered, i.From, speaker})
		}
		covered = max(covered, i.To)
		if i.Side == Away {
			continue
		}
		for _, silence := range pending {
			s.Silence += silence.Duration()
		}
		s.Silences = append(s.Silences, pending...)
		pending, spoke = nil, true
		if i.To > max(sideTo[User], sideTo[Agent]) {
			speaker = i.Side
		}
		if from := max(i.From, sideTo[i.Side]); from < i.To {
			s.Talk[i.Side] += i.To - from
			s.Overlap += max(min(i.To, sideTo[User+Agent-i.Side])-from, 0)
			sideTo[i.Side] = i.To
		}
	}
	return s
}

// activities are the values of voice.dead_air.activity. Of several at one instant, the last one counts: a tool runs
// within the model's answer.
var activities = []string{ //nolint:gochecknoglobals // It does not change.
	semconv.VoiceDeadAirActivityIdle, semconv.VoiceDeadAirActivityListening, semconv.VoiceDeadAirActivityEndpointing,
	semconv.VoiceDeadAirActivityTranscription, semconv.VoiceDeadAirActivitySynthesis,
	semconv.VoiceDeadAirActivityGeneration, semconv.VoiceDeadAirActivityTool,
}

// A Work is what the agent did in a time. Activity is a value of voice.dead_air.activity.
type Work struct {
	Activity string
	From, To float64
}

// Activity returns what took the most of the silence. Of two that took the same, it is the one that comes first in a
// turn.
func (s Silence) Activity(works []Work) string {
	rest := 0
	if s.After == Agent {
		rest = 1
	}
	type part struct {
		rank     int
		from, to float64
	}
	var inside []part
	edges := []float64{s.From, s.To}
	for _, w := range works {
		p := part{slices.Index(activities, w.Activity), max(w.From, s.From), min(w.To, s.To)}
		isUsers := w.Activity == semconv.VoiceDeadAirActivityTranscription || w.Activity == semconv.VoiceDeadAirActivityEndpointing
		if p.rank > 1 && p.from < p.to && (s.After == User || !isUsers) { // A recogniser waits for the user's speech.
			inside = append(inside, p)
			edges = append(edges, p.from, p.to)
		}
	}
	slices.Sort(edges)
	took := make([]float64, len(activities))
	for i := range len(edges) - 1 {
		does := rest
		for _, p := range inside {
			if p.from <= edges[i] && p.to > edges[i] {
				does = max(does, p.rank)
			}
		}
		took[does] += edges[i+1] - edges[i]
	}
	most := rest
	for rank := range took {
		if took[rank] > took[most] {
			most = rank
		}
	}
	return activities[most]
}

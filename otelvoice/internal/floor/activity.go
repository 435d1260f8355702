// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package floor

import (
	"slices"
	"time"

	"github.com/voice-agents/telemetry/semconv"
)

// An Activity is what the agent does while nobody speaks.
type Activity int

// The activities. Of several at one instant, the last one counts: a tool runs within the model's
// answer.
const (
	Idle      Activity = iota // Nothing is known, after the user's speech.
	Listening                 // Nothing is known, after the agent's speech.
	Endpointing
	Transcription
	Synthesis
	Generation
	Tool
	activities
)

// String returns the value of voice.dead_air.activity.
func (a Activity) String() string {
	switch a {
	case Listening:
		return semconv.VoiceDeadAirActivityListening
	case Endpointing:
		return semconv.VoiceDeadAirActivityEndpointing
	case Transcription:
		return semconv.VoiceDeadAirActivityTranscription
	case Synthesis:
		return semconv.VoiceDeadAirActivitySynthesis
	case Generation:
		return semconv.VoiceDeadAirActivityGeneration
	case Tool:
		return semconv.VoiceDeadAirActivityTool
	case Idle, activities:
	}
	return semconv.VoiceDeadAirActivityIdle
}

// work is what the agent did in an interval.
type work struct {
	activity Activity
	from, to time.Time
}

// maxWorks bounds how much work is held.
const maxWorks = 256

// Work records what the agent did in an interval. Only work within dead air matters, so callers
// leave out the rest.
func (f *Floor) Work(activity Activity, from, to time.Time) {
	if activity <= Listening || activity >= activities || !from.Before(to) {
		return
	}
	if len(f.works) == maxWorks {
		f.works = slices.Delete(f.works, 0, 1)
	}
	f.works = append(f.works, work{activity, from, to})
}

// doing returns the activity that took the most of a silence after the speech of a side.
func doing(works []work, since, to time.Time, speaker Side) Activity {
	rest := Idle
	if speaker == Agent {
		rest = Listening
	}
	var inside []work
	edges := []time.Time{since, to}
	for _, w := range works {
		w.from, w.to = later(w.from, since), earlier(w.to, to)
		isUsers := w.activity == Transcription || w.activity == Endpointing
		if w.from.Before(w.to) && (speaker == User || !isUsers) { // A recogniser waits for the user's speech.
			inside = append(inside, w)
			edges = append(edges, w.from, w.to)
		}
	}
	slices.SortFunc(edges, time.Time.Compare)
	var took [activities]time.Duration
	for i := range len(edges) - 1 {
		does := rest
		for _, w := range inside {
			if !w.from.After(edges[i]) && w.to.After(edges[i]) {
				does = max(does, w.activity)
			}
		}
		took[does] += edges[i+1].Sub(edges[i])
	}
	most := rest
	for a := range activities {
		if took[a] > took[most] {
			most = a
		}
	}
	return most
}

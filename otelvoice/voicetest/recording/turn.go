// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"fmt"
	"time"
)

// A Turn is what telemetry tells of one turn. Zero times and nil values are unknown.
type Turn struct {
	Index   int    // From 1.
	Outcome string // Such as "completed".
	// IsAgents is true if the agent started the turn, such as with a greeting. The user did not wait for
	// it, so it has no response latency.
	IsAgents bool

	// Start and End are those of the turn itself. They bound where the sound of a turn is searched whose
	// instants are unknown.
	Start, End time.Time

	UserStarted  time.Time
	UserStopped  time.Time // The end of the user's speech from which the latency was measured.
	AgentStarted time.Time
	AgentStopped time.Time

	// ResponseLatency is how long the user waited for the agent's voice. If it is nil, it is the time
	// from UserStopped to AgentStarted.
	ResponseLatency *time.Duration

	// Interruption is the barge-in that ended the agent's answer, or nil.
	Interruption *Interruption
}

// An Interruption is what telemetry tells of a barge-in.
type Interruption struct {
	Source string    // Such as "audio_activity".
	At     time.Time // When the user started to speak over the agent.
	// Played is how much of the answer had been played.
	Played *time.Duration
	// StopTime is how long the agent spoke on. If it is nil, it is the time from At to AgentStopped.
	StopTime *time.Duration
}

// told is a turn as offsets from the start of the recording. Nil is unknown.
type told struct {
	start, end                 *time.Duration
	userStarted, userStopped   *time.Duration
	agentStarted, agentStopped *time.Duration
	interrupted                *time.Duration
	response                   *time.Duration
	isAgents                   bool
	notes                      []string
}

// farthest bounds offsets, so that sums of them do not overflow. Calls are shorter.
const farthest = 10 * 365 * 24 * time.Hour

// tell converts a turn. Values that contradict each other are unknown.
func tell(t *Turn, start time.Time) told {
	offset := func(at time.Time) *time.Duration {
		if at.IsZero() {
			return nil
		}
		return new(min(max(at.Sub(start), -farthest), farthest))
	}
	f := told{
		start: offset(t.Start), end: offset(t.End),
		userStarted: offset(t.UserStarted), userStopped: offset(t.UserStopped),
		agentStarted: offset(t.AgentStarted), agentStopped: offset(t.AgentStopped),
		response: t.ResponseLatency, isAgents: t.IsAgents,
	}
	if t.Interruption != nil {
		f.interrupted = offset(t.Interruption.At)
	}
	before := func(later **time.Duration, earlier *time.Duration, note string) {
		if *later != nil && earlier != nil && **later < *earlier {
			*later = nil
			f.notes = append(f.notes, note)
		}
	}
	before(&f.end, f.start, "the turn's end is before its start")
	before(&f.agentStopped, f.agentStarted, "the agent's stop is before its start")
	if f.userStopped != nil && f.userStarted != nil && *f.userStopped < *f.userStarted {
		f.userStarted = nil // The latency depends on the stop.
		f.notes = append(f.notes, "the user's stop is before its start")
	}
	if f.response == nil && f.userStopped != nil && f.agentStarted != nil {
		f.response = new(*f.agentStarted - *f.userStopped)
	}
	if f.response != nil && (*f.response < 0 || *f.response > 24*time.Hour) {
		f.notes = append(f.notes, fmt.Sprintf("a response latency of %v", *f.response))
		f.response = nil
	}
	if t.IsAgents {
		f.response = nil
	}
	return f
}

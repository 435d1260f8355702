// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording

import "time"

// A Report compares the turns of a call with its sound.
type Report struct {
	Start time.Time // Of the recording.
	Sound *Sound
	Rows  []Row // One for each turn, in the order of the turns.

	// Response and StopTime are the differences of the rows' values of these names.
	Response, StopTime Distribution
	// UserStopped and AgentStarted are the differences of the two ends of the response latency.
	UserStopped, AgentStarted Distribution
	// Shift is the median of all differences of UserStopped and AgentStarted. If it is far from 0, the
	// start of the recording is probably wrong by it.
	Shift time.Duration

	// Unmatched is how many turns have a response latency that could not be compared. Row.Missing has the
	// reasons.
	Unmatched int
	// OnlyMeasured is how many turns have a response latency in the sound and none in telemetry, such as
	// turns in which the agent started before the user had ended.
	OnlyMeasured int

	// DeadAir is for how long neither side speaks, in Silences. What telemetry tells is known if each turn
	// has the starts and the ends of both voices.
	DeadAir Comparison
	// Silences are the times in the sound in which neither side speaks for longer than the bound.
	Silences []Interval
	// Untold is speech of the user that is in no turn: backchannels, noise, speech over the agent that did
	// not interrupt it. It is nil if a turn does not have the start and the end of the user's speech.
	Untold []Interval
}

// A Row compares one turn.
type Row struct {
	Turn Turn

	// UserStopped and AgentStarted are offsets from the start of the recording.
	UserStopped, AgentStarted Comparison
	// Response is the time from the end of the user's speech to the agent's first audio. What is measured
	// is negative if the agent spoke before the user had ended.
	Response Comparison
	// StopTime is the time from the start of the user's speech over the agent to the agent's silence, in a
	// turn that was interrupted.
	StopTime Comparison
	// Played is how long the agent was heard before it fell silent, in a turn that was interrupted. What
	// telemetry tells may be the position when the interruption was noticed.
	Played Comparison
	// Overlap is for how long both spoke, from the agent's start in this turn to its start in the next.
	Overlap Comparison

	// Missing says why the response latency could not be compared. It is empty if it was compared, and if
	// telemetry tells none.
	Missing string
	// Notes says which values of the turn contradict each other, and count as unknown, and why a stop time
	// was not measured.
	Notes []string
}

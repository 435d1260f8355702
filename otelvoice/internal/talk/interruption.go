// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package talk

import (
	"slices"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
)

// An Interruption is an interruption of the agent by the user.
type Interruption struct {
	At    time.Time
	Since time.Time // When the user began to speak, or the zero time.
}

// Find returns when the user began the speech of an interruption, and when that speech ended: the zero time
// if the user still speaks. users is the speech of the user in all turns that may have it. Without Since,
// it is the latest start of the user between the agent's start and the interruption. If there is none, or
// the agent was not heard, the interruption is all that is known, and found is false.
func (i Interruption) Find(users []latency.Speech, agentStarted time.Time) (since, to time.Time, found bool) {
	until := i.At
	if !i.Since.IsZero() {
		until = i.Since
	}
	if agentStarted.IsZero() {
		users = nil
	}
	for _, s := range users {
		if !s.From.After(until) && !s.From.Before(agentStarted) && (!found || s.From.After(since)) && (s.To.IsZero() || !s.To.Before(i.Since)) {
			since, to, found = s.From, s.To, true
		}
	}
	switch {
	case !i.Since.IsZero():
		return i.Since, to, found
	case !found:
		return i.At, time.Time{}, false
	}
	return since, to, true
}

// StopTime returns how long the agent spoke after an instant. It returns false if it was silent then, or if
// it was cut.
func (v *Voice) StopTime(since time.Time) (d time.Duration, ok bool) {
	s, isLast, ok := v.at(since)
	if !ok || isLast && v.IsCut {
		return 0, false
	}
	return s.To.Sub(since), true
}

// Over returns how long both sides spoke in the agent's speech that began while the user spoke, and how
// often that was. A user who still speaks has spoken to the end of the agent's speech.
func (v *Voice) Over(users []latency.Speech) (count int, both time.Duration) {
	for _, a := range v.Speech {
		for _, u := range users {
			to := a.To
			if !u.To.IsZero() && u.To.Before(to) {
				to = u.To
			}
			if u.From.Before(a.From) && to.After(a.From) {
				count++
				both += to.Sub(a.From)
				break
			}
		}
	}
	return count, both
}

// Merge merges speech that overlaps or touches, and sorts it. It changes the speech in place.
func Merge(speech []latency.Speech) []latency.Speech {
	slices.SortFunc(speech, func(a, b latency.Speech) int { return a.From.Compare(b.From) })
	n := 0
	for _, s := range speech {
		if last := n - 1; last < 0 || !speech[last].To.IsZero() && speech[last].To.Before(s.From) {
			speech[n] = s
			n++
		} else if !speech[last].To.IsZero() && (s.To.IsZero() || s.To.After(speech[last].To)) {
			speech[last].To = s.To
		}
	}
	return speech[:n]
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package talk

import (
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
// it is the latest start of the user between the agent's start and the interruption. If there is none, the
// interruption is all that is known, and found is false.
func (i Interruption) Find(users []latency.Speech, agentStarted time.Time) (since, to time.Time, found bool) {
	until := i.At
	if !i.Since.IsZero() {
		until = i.Since
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

// Resumed reports whether the agent started to speak after an instant.
func (v *Voice) Resumed(since time.Time) bool {
	n := len(v.Speech)
	return n > 0 && v.Speech[n-1].From.After(since)
}

// Over returns how long both sides spoke in the agent's speech that began while the user spoke, and how
// often that was. A user who still speaks has spoken to the end of the agent's speech.
func (v *Voice) Over(users []latency.Speech) (count int, both time.Duration) {
	for _, a := range v.Speech {
		for _, u := range users {
			if !u.From.Before(a.From) || !u.To.IsZero() && !u.To.After(a.From) {
				continue
			}
			to := a.To
			if !u.To.IsZero() && u.To.Before(to) {
				to = u.To
			}
			count++
			both += to.Sub(a.From)
			break
		}
	}
	return count, both
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package talk tells who spoke in a turn, from its marks: the talk of each side, interruptions in both
// directions, and what the agent did while nobody spoke. It reads no clock and records nothing.
package talk

import (
	"cmp"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/semconv"
)

// A Voice is the speech of a side in a turn.
type Voice struct {
	// Speech are the times in which the side spoke, in order. If the Voice is not known, it has those
	// that are.
	Speech []latency.Speech
	Known  bool
	// IsCut is true if the last speech lasted until the end of the turn.
	IsCut bool

	buffer [4]latency.Speech // Holds an ordinary turn without allocation.
}

// A Span is the time of a turn.
type Span struct {
	Start, End time.Time
	IsCut      bool // It was abandoned, or the session ended it.
}

// Drop returns why an instant is from another clock than the turn, a value of voice.drop.reason, or "" if it is
// not: it is after the turn, or more than [latency.Max] before it.
func (t Span) Drop(at time.Time) (reason string) {
	if at.After(t.End) || t.Start.Sub(at) > latency.Max {
		return semconv.VoiceDropReasonOutOfRange
	}
	return ""
}

// Listen finds the speech of a side. isSilent is whether a side without marks was silent; otherwise its
// speech is not known.
//
// Speech whose end is not known lasts until the end of a turn that is cut: the user hung up, or the agent
// gave up. Otherwise the Voice is not known. Nor is it if speech is longer than [latency.Max], ends after the turn, or begins
// more than that before it: it is from another clock. reason is the value of voice.drop.reason then.
//
// last is when the last speech began, even if its end is not known. The zero time is unknown.
func (v *Voice) Listen(marks *latency.Marks, side latency.Side, isSilent bool, turn Span) (last time.Time, reason string) {
	if !marks.Has(side) {
		v.Known = isSilent
		return time.Time{}, ""
	}
	v.Speech, v.Known = marks.AppendSpeech(v.buffer[:0], side)
	n := len(v.Speech)
	if n > 0 && turn.Drop(v.Speech[n-1].From) == "" {
		last = v.Speech[n-1].From
	}
	if n > 0 && v.Speech[n-1].To.IsZero() {
		if current := &v.Speech[n-1]; turn.IsCut && !current.From.After(turn.End) {
			current.To, v.IsCut = turn.End, true
		} else {
			v.Speech, v.Known = v.Speech[:n-1], false
		}
	}
	for _, s := range v.Speech {
		switch {
		case s.To.Sub(s.From) > latency.Max:
			reason = semconv.VoiceDropReasonTooLong
		default:
			reason = cmp.Or(reason, turn.Drop(s.From), turn.Drop(s.To))
		}
	}
	if reason != "" {
		v.Speech, v.Known = nil, false
	}
	return last, reason
}

// Duration returns how long the side spoke.
func (v *Voice) Duration() (sum time.Duration) {
	for _, s := range v.Speech {
		sum += s.To.Sub(s.From)
	}
	return sum
}

// at returns the speech at an instant.
func (v *Voice) at(at time.Time) (s latency.Speech, isLast, ok bool) {
	for i, s := range v.Speech {
		if !at.Before(s.From) && !at.After(s.To) {
			return s, i == len(v.Speech)-1, true
		}
	}
	return latency.Speech{}, false, false
}

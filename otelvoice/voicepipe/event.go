// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import "time"

// An EventKind says what an [Event] is of.
type EventKind uint8

// The kinds of events.
const (
	// Audio is a frame of the user's voice, or of their silence.
	Audio EventKind = iota
	// SpeechStarted is voice activity detection that hears the user.
	SpeechStarted
	// SpeechStopped is voice activity detection that hears them no more.
	SpeechStopped
)

// An Event is what comes from the user's side of a call.
type Event struct {
	Kind EventKind
	// Frame is that of [Audio].
	Frame Frame
	// At is when it happened; the zero time is when it is received.
	At time.Time
	// Hangover is how long the detector waited in silence before it reported
	// [SpeechStopped]: the user really stopped that much earlier.
	Hangover time.Duration
}

func (e Event) at() time.Time {
	if e.At.IsZero() {
		return time.Now()
	}
	return e.At
}

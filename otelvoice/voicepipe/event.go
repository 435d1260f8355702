// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// An EventKind is the kind of an [Event].
type EventKind uint8

// The kinds of events.
const (
	// Audio is a frame of audio from the user, speech or silence.
	Audio EventKind = iota
	// SpeechStarted reports that voice activity detection detected the start of speech.
	SpeechStarted
	// SpeechStopped reports that voice activity detection detected the end of speech.
	SpeechStopped
)

// An Event is an event from the user's side of a call.
type Event struct {
	Kind EventKind
	// Frame is the frame of an [Audio] event.
	Frame voiceprovider.Frame
	// At is when the event happened. The zero time is when it is received.
	At time.Time
	// Hangover is how long the detector waited in silence before it reported
	// [SpeechStopped]: the user stopped that much earlier.
	Hangover time.Duration
}

func (e Event) at() time.Time {
	if e.At.IsZero() {
		return time.Now()
	}
	return e.At
}

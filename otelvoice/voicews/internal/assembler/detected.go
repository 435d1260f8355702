// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"slices"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
)

// A detection is speech that a recogniser's detector heard before its words are known, as offsets.
type detection struct {
	of       string
	start    time.Duration
	stop     time.Duration
	hasStart bool
	hasStop  bool
}

// detections are the newest ones, at most maxChannels. Noises have no words, so that theirs are never taken.
type detections []detection

// add adds the start or the stop of speech. A start begins another detection.
func (d *detections) add(e *wire.Event) {
	i := slices.IndexFunc(*d, func(of detection) bool { return of.of == e.Of })
	if i < 0 {
		if len(*d) == maxChannels {
			*d = slices.Delete(*d, 0, 1)
		}
		*d = append(*d, detection{of: e.Of})
		i = len(*d) - 1
	}
	if of := &(*d)[i]; e.Kind == wire.SpeechStarted {
		*of = detection{of: e.Of, start: e.Speech.Start, hasStart: true}
	} else {
		of.stop, of.hasStop = e.Speech.End, true
	}
}

// take removes the detection of an utterance, and returns it.
func (d *detections) take(of string) (taken detection) {
	if i := slices.IndexFunc(*d, func(o detection) bool { return o.of == of }); i >= 0 {
		taken = (*d)[i]
		*d = slices.Delete(*d, i, i+1)
	}
	return taken
}

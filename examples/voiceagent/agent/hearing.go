// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"slices"
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/pace"
)

// hearing is the clock of the caller's audio. A frame may be late, but the audio in it was spoken right
// after that of the frame before. So the end of speech is timed by its place in the audio, and not by
// when the message about it arrives.
type hearing struct {
	speed pace.Speed
	runs  []run         // Of the utterance.
	total time.Duration // How long the audio of the utterance is so far.
	ended time.Time     // When it ended.
}

// A run is audio without a pause.
type run struct {
	from  time.Duration // The offset in the utterance at which it begins.
	began time.Time
}

const (
	// late is how late a frame may be that continues the audio before it.
	late = 200 * time.Millisecond
	// maxRuns bounds the memory.
	maxRuns = 64
)

// start begins an utterance with the next frame.
func (h *hearing) start() { h.runs, h.total = h.runs[:0], 0 }

// add adds a frame that arrives now, and returns when its audio began.
func (h *hearing) add(d time.Duration) (began time.Time) {
	lasts := h.speed.Of(d)
	began = time.Now().Add(-lasts)
	if began.Sub(h.ended) < late { // Also if it is early.
		began = h.ended
	} else if len(h.runs) == maxRuns {
		h.runs = h.runs[:copy(h.runs, h.runs[1:])]
	}
	if n := len(h.runs); n == 0 || !began.Equal(h.ended) {
		h.runs = append(h.runs, run{h.total, began})
	}
	h.total += d
	h.ended = began.Add(lasts)
	return began
}

// at returns when the audio before an offset of the utterance was heard, or the zero time if there is
// none.
func (h *hearing) at(offset time.Duration) time.Time {
	for _, r := range slices.Backward(h.runs) {
		if r.from < offset && offset <= h.total {
			return r.began.Add(h.speed.Of(offset - r.from))
		}
	}
	return time.Time{}
}

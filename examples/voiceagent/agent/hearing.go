// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/pace"
)

// hearing is the clock of the caller's audio. A frame may be late, but the audio in it was spoken right
// after that of the frame before. So the end of speech is timed by its place in the audio, and not by
// when the message about it arrives.
type hearing struct {
	speed pace.Speed
	total time.Duration // How long the audio of the utterance is so far.
	ended time.Time     // When it ended.
}

// late is how late a frame may be that continues the audio before it.
const late = 200 * time.Millisecond

// start begins an utterance with the next frame.
func (h *hearing) start() { h.total = 0 }

// add adds a frame that arrives now, and returns when its audio began.
func (h *hearing) add(d time.Duration) (began time.Time) {
	h.total += d
	d = h.speed.Of(d)
	began = time.Now().Add(-d)
	if began.Sub(h.ended) < late { // Also if it is early.
		began = h.ended
	}
	h.ended = began.Add(d)
	return began
}

// at returns when the audio at an offset of the utterance was heard, or the zero time if there is none. It
// counts back from the newest frame, because a pause for lack of frames is more likely before the offset.
func (h *hearing) at(offset time.Duration) time.Time {
	if offset > h.total {
		return time.Time{}
	}
	return h.ended.Add(-h.speed.Of(h.total - offset))
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import "time"

// A lineFrame is audio of the caller, and when its end was heard.
type lineFrame struct {
	length time.Duration
	at     time.Time
}

// maxLineFrames is how many frames wait for the first word of a recogniser: half a minute in frames of 20 ms.
const maxLineFrames = 1500

// lineAudio takes audio of the telephone line for that of a recogniser whose audio the program does not
// report, as with an SDK that has callbacks only. Agents send the audio on as it comes. The frames wait
// until the recogniser answers, because until then the program may still report audio, of which these
// frames are a copy.
func (r *recognizer) lineAudio(length time.Duration, now time.Time) {
	if !r.mayBeUnseen || r.hasAudio {
		return
	}
	r.lineFrames = append(r.lineFrames, lineFrame{length, now})
	if len(r.lineFrames) == maxLineFrames {
		r.useLineAudio()
	}
}

// useLineAudio counts the frames that wait as sent to the recogniser.
func (r *recognizer) useLineAudio() {
	for _, f := range r.lineFrames {
		r.stream.AddFrame(f.length, f.at)
	}
	r.lineFrames = r.lineFrames[:0]
}

// MayBeUnseen reports that the program may not report the audio that it sends to a recogniser.
func (c *Connection) MayBeUnseen() {
	c.do(func(time.Time) {
		if r, ok := c.recorder.(*recognizer); ok {
			r.mayBeUnseen = true
		}
	})
}

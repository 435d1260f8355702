// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/stage"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// lastUtterance is the last utterance that a streaming recognizer has transcribed.
type lastUtterance struct {
	end  time.Duration // Its end as an offset in the connection's audio; 0 is unknown.
	text string
	at   time.Time // When the transcript was complete.
}

// isRepeated reports whether a transcript belongs to the utterance that is over. Recognizers
// send the end of a turn twice, the second time with punctuation, or send a final transcript
// after the end. Offsets identify these; without offsets, the same words within a moment do.
func (u lastUtterance) isRepeated(t voiceprovider.Transcript) bool {
	const moment = 500 * time.Millisecond
	end := stage.EndOf(t)
	switch {
	case end > 0:
		return end <= u.end
	case t.SpeechStarted != nil:
		return *t.SpeechStarted < u.end
	case t.Text == "" || u.at.IsZero():
		return false
	}
	return time.Since(u.at) < moment && stage.Letters(t.Text) == stage.Letters(u.text)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"strings"
	"time"
	"unicode"
)

// utterance is the last one that a recogniser that stays connected has understood.
type utterance struct {
	until time.Duration // Where it ends in the audio of the connection; 0 is unknown.
	text  string
	at    time.Time // When it was understood.
}

// until returns where the words of a transcript end, as an offset, or 0 if it does not say.
func (t Transcript) until() (end time.Duration) {
	if n := len(t.Words); n > 0 {
		end = t.Words[n-1].End
	}
	if t.SpeechStopped != nil {
		end = max(end, *t.SpeechStopped)
	}
	return end
}

// repeats reports whether a transcript is news of the utterance that is over: recognisers
// send the end of a turn twice, the second time with punctuation, or a final transcript
// after the end. By offsets this is known; without any, the same words a moment later are.
func (u utterance) repeats(t Transcript) bool {
	const moment = 500 * time.Millisecond
	end := t.until()
	switch {
	case end > 0:
		return end <= u.until
	case t.SpeechStarted != nil:
		return *t.SpeechStarted < u.until
	case t.Text == "" || u.at.IsZero():
		return false
	}
	return time.Since(u.at) < moment && letters(t.Text) == letters(u.text)
}

// letters returns a text without its punctuation, spaces and capitals.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"strings"
	"time"
	"unicode"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// An Utterance joins the final transcripts of an utterance.
type Utterance struct {
	Text   string
	Finals int // How many transcripts were final.

	confidence float64       // The sum of the known confidences.
	known      int           // How many confidences are known.
	end        time.Duration // The offset at which the last word ends.
	last       string        // The text of the last final transcript.
	ended      bool          // The last final transcript ended a turn, without words since.
}

// Add adds a transcript. It ignores a final transcript that repeats the one before, with
// punctuation for example.
func (u *Utterance) Add(t voiceprovider.Transcript) {
	text, end := strings.TrimSpace(t.Text), EndOf(t)
	if !t.Final {
		u.ended = u.ended && text == ""
		return
	}
	hasEnd := len(t.Words) > 0 && end > 0
	repeats := hasEnd && end <= u.end || !hasEnd && u.ended && Letters(text) == Letters(u.last)
	u.Finals++
	u.ended = t.EndOfTurn
	if repeats {
		if Letters(text) == Letters(u.last) { // It may have punctuation now.
			u.Text = u.Text[:len(u.Text)-len(u.last)] + text
			u.last = text
		}
		return
	}
	u.Text = strings.TrimSpace(u.Text + " " + text)
	u.last, u.end = text, max(u.end, end)
	if t.Confidence != nil {
		u.confidence += *t.Confidence
		u.known++
	}
}

// Record records a transcript on the stage, and the text of all final ones so far.
func (u *Utterance) Record(stage *otelvoice.STT, t voiceprovider.Transcript) {
	if t.Language != "" {
		stage.SetLanguage(t.Language)
	}
	stage.AddRequestID(t.RequestID)
	if !t.Final {
		stage.Partial()
		return
	}
	stage.Final()
	stage.SetTranscript(u.Text)
	if u.known > 0 {
		stage.SetConfidence(u.confidence / float64(u.known))
	}
}

// EndOf returns the offset at which the words of a transcript end, or 0 if it is unknown.
func EndOf(t voiceprovider.Transcript) (end time.Duration) {
	if n := len(t.Words); n > 0 {
		end = t.Words[n-1].End
	}
	if t.SpeechStopped != nil {
		end = max(end, *t.SpeechStopped)
	}
	return end
}

// Letters returns the letters and digits of a text, in lower case.
func Letters(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}

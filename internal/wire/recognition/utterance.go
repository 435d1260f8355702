// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recognition

import (
	"math"
	"strconv"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/transcript"
)

// An Utterance is a transcript as it is received. The zero value is ready for use.
type Utterance struct {
	// Is is true if the response holds a transcript, which may be empty.
	Is bool
	// Language is the language that was recognised.
	Language string

	text          transcript.Transcript
	characters    int
	start, end    time.Duration
	hasOffsets    bool
	confidence    float64
	hasConfidence bool
	logprob       float64 // The sum of the words' logarithms.
	words         float64
}

// Text reads a piece of the transcript.
func (u *Utterance) Text(b *wire.Base, v *jsonscan.Value) {
	if v.Kind != jsonscan.String {
		return
	}
	u.Is = true
	u.text.Keep = b.Target.Content
	u.text.Add(v.Text)
	if !v.More {
		u.characters += v.Runes
	}
}

// HasText reports whether the transcript is not empty.
func (u *Utterance) HasText() bool { return u.text.Size() > 0 }

// Confidence reads the confidence in the whole transcript.
func (u *Utterance) Confidence(v *jsonscan.Value) {
	if f := v.Float(); f != nil && *f >= 0 && *f <= 1 {
		u.confidence, u.hasConfidence = *f, true
	}
}

// WordConfidence reads the confidence in a word.
func (u *Utterance) WordConfidence(v *jsonscan.Value) {
	if f := v.Float(); f != nil && *f > 0 && *f <= 1 {
		u.logprob += math.Log(*f)
		u.words++
	}
}

// Logprob reads the natural logarithm of a word's probability.
func (u *Utterance) Logprob(v *jsonscan.Value) {
	if f := v.Float(); f != nil && *f <= 0 && *f > -1e6 {
		u.logprob += *f
		u.words++
	}
}

// Start reads the offset at which a word starts.
func (u *Utterance) Start(v *jsonscan.Value, unit time.Duration) {
	if d, ok := Duration(v, unit); ok {
		if !u.hasOffsets || d < u.start {
			u.start, u.hasOffsets = d, true
		}
		u.end = max(u.end, d)
	}
}

// End reads the offset at which a word ends. It may come before the one at which the word starts.
func (u *Utterance) End(v *jsonscan.Value, unit time.Duration) {
	if d, ok := Duration(v, unit); ok {
		u.end = max(u.end, d)
	}
}

// Offsets sets the offsets of the utterance.
func (u *Utterance) Offsets(start, end time.Duration) {
	u.start, u.end, u.hasOffsets = start, end, true
}

// Report reports the transcript as final, if there is one, and begins another. audio is the duration
// of the audio, or 0.
func (u *Utterance) Report(b *wire.Base, audio time.Duration) {
	if u.Is {
		e := u.event(b, wire.Final)
		e.Audio = audio
		b.Send(e)
	}
	u.Reset()
}

// ReportOf reports the transcript on a connection, with its length. of is the channel, if there are
// several, and audio the duration of its audio, or 0.
func (u *Utterance) ReportOf(b *wire.Base, kind wire.Kind, of string, audio time.Duration) {
	e := u.event(b, kind)
	e.Of, e.Audio, e.Characters = of, audio, u.characters
	b.Send(e)
}

// event returns the event of the transcript. An empty transcript has no confidence: some vendors send
// 0 for it.
func (u *Utterance) event(b *wire.Base, kind wire.Kind) wire.Event {
	s := u.Speech()
	if !u.HasText() {
		s.Confidence, s.HasConfidence = 0, false
	}
	u.text.Keep = b.Target.Content
	return wire.Event{Kind: kind, Text: u.text.Text(), Speech: s}
}

// Speech returns the offsets, the language and the confidence in the whole transcript. Without a
// confidence of its own, that is the geometric mean of the words' probabilities.
func (u *Utterance) Speech() wire.Speech {
	s := wire.Speech{Language: u.Language, Confidence: u.confidence, HasConfidence: u.hasConfidence}
	if u.hasOffsets {
		s.Start, s.End, s.HasOffsets = u.start, u.end, true
	}
	if u.words > 0 && !s.HasConfidence {
		s.Confidence, s.HasConfidence = math.Round(math.Exp(u.logprob/u.words)*1e4)/1e4, true
	}
	return s
}

// Reset begins another transcript.
func (u *Utterance) Reset() {
	text := u.text
	text.Reset()
	*u = Utterance{text: text}
}

// maxDuration is the longest duration that is read: a month.
const maxDuration = 31 * 24 * time.Hour

// Duration reads a duration in units. It reports false if the value is none.
func Duration(v *jsonscan.Value, unit time.Duration) (d time.Duration, ok bool) {
	if v.Kind != jsonscan.Number {
		return 0, false
	}
	n, err := strconv.ParseFloat(string(v.Text), 64)
	if err != nil {
		return 0, false
	}
	return DurationOf(n, unit)
}

// DurationOf returns the duration of a number of units, in microseconds. It reports false if the
// number is negative or more than a month.
func DurationOf(n float64, unit time.Duration) (d time.Duration, ok bool) {
	if !(n >= 0 && n <= float64(maxDuration/unit)) { // Not-a-number is neither.
		return 0, false
	}
	return time.Duration(math.Round(n * float64(unit))).Round(time.Microsecond), true
}

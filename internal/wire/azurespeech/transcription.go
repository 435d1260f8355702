// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package azurespeech

import (
	"math"
	"net/http"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/multipart"
	"github.com/voice-agents/telemetry/internal/wire/transcript"
)

// The fields of a fast transcription.
const (
	fastLocale = iota
	fastModel
	fastDuration
	fastPhrase
	fastText
	fastOffset
	fastLength
	fastConfidence
	fastLanguage
)

var (
	definitionPlan = jsonscan.NewPlan(
		jsonscan.Field{Path: "locales.*", ID: fastLocale},
		jsonscan.Field{Path: "enhancedMode.model", ID: fastModel},
	)
	transcriptionPlan = plan(
		jsonscan.Field{Path: "durationMilliseconds", ID: fastDuration},
		jsonscan.Field{Path: "duration", ID: fastDuration}, // Of API versions before 2024-11-15.
		jsonscan.Field{Path: "phrases.*", ID: fastPhrase, Mode: jsonscan.Begin},
		jsonscan.Field{Path: "phrases.*.text", ID: fastText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "phrases.*.offsetMilliseconds", ID: fastOffset},
		jsonscan.Field{Path: "phrases.*.offset", ID: fastOffset},
		jsonscan.Field{Path: "phrases.*.durationMilliseconds", ID: fastLength},
		jsonscan.Field{Path: "phrases.*.duration", ID: fastLength},
		jsonscan.Field{Path: "phrases.*.confidence", ID: fastConfidence},
		jsonscan.Field{Path: "phrases.*.locale", ID: fastLanguage},
	)
)

// transcription decodes a fast transcription: a form with a file and a definition, and the phrases
// of the file.
type transcription struct {
	wire.Base
	response

	form   *multipart.Scanner
	wav    audioformat.WAV
	phrase phrase
}

// A phrase is one phrase of the transcript.
type phrase struct {
	is             bool
	text           transcript.Transcript
	offset, length time.Duration
	speech         wire.Speech
}

func newTranscription(target *wire.Target, report wire.Report) *transcription {
	t := &transcription{Base: wire.NewBase(target, wire.STT, report)}
	t.phrase.text.Keep = target.Content
	t.form = multipart.NewScanner(target.Header.Get("Content-Type"), t)
	t.response = newResponse(&t.Base, transcriptionPlan, t)
	return t
}

// Sent reads a piece of the request.
func (t *transcription) Sent(p []byte) {
	if t.form != nil && !t.IsAsked() {
		t.form.Scan(p)
	}
}

// File reads a piece of the audio.
func (t *transcription) File(part *multipart.Part, p []byte) {
	if part.Name == "audio" {
		t.Request.AudioSize += int64(len(p))
		t.wav.Read(p, nil)
	}
}

// End reads the end of a part of the form.
func (t *transcription) End(part *multipart.Part) {
	switch part.Name {
	case "audio":
		if t.Request.Format = audioformat.OfContentType(part.ContentType); t.Request.Format.Codec == "" {
			t.Request.Format = audioformat.OfFile(part.FileName)
		}
	case "definition":
		jsonscan.NewScanner(definitionPlan, t.defined).Scan(part.Value)
	}
}

// defined reads a value of the definition. With several languages the service finds the one that is
// spoken.
func (t *transcription) defined(v *jsonscan.Value) {
	switch {
	case v.Kind != jsonscan.String:
	case v.Field == fastLocale && v.Index[0] == 0:
		wire.Set(&t.Request.Language, v.Text)
	case v.Field == fastLocale:
		t.Request.Language = ""
	case v.Field == fastModel:
		wire.Set(&t.Request.Model, v.Text)
	}
}

// SentAll reports the request.
func (t *transcription) SentAll() {
	if t.IsAsked() {
		return
	}
	if t.wav.Is() {
		t.Request.Format, t.Request.Audio = t.wav.Format(), t.wav.Duration()
	}
	t.Asked()
	if t.form == nil {
		t.NotUnderstood("form")
	}
}

// Answered begins to read the response.
func (t *transcription) Answered(status int, h http.Header) {
	t.SentAll()
	t.begin(status, h, body.JSON)
}

// Value reads a value of the response.
func (t *transcription) Value(v *jsonscan.Value) {
	if v.Kind == jsonscan.Null {
		return
	}
	switch v.Field {
	case fastDuration:
		if d, ok := milliseconds(v); ok {
			t.Send(wire.Event{Kind: wire.Billed, Audio: d})
		}
	case fastPhrase:
		t.endPhrase()
		t.phrase.is = true
	case fastText:
		t.phrase.text.Add(v.Text)
	case fastOffset:
		t.phrase.offset, t.phrase.speech.HasOffsets = milliseconds(v)
	case fastLength:
		t.phrase.length, _ = milliseconds(v)
	case fastConfidence:
		if f := v.Float(); f != nil {
			t.phrase.speech.Confidence, t.phrase.speech.HasConfidence = *f, true
		}
	case fastLanguage:
		wire.Set(&t.phrase.speech.Language, v.Text)
	default:
		t.failure.value(v)
	}
}

func milliseconds(v *jsonscan.Value) (d time.Duration, ok bool) {
	n := v.Float() // An int has 32 bits on some machines.
	if n == nil || *n < 0 || *n > float64(31*24*time.Hour/time.Millisecond) || *n != math.Trunc(*n) {
		return 0, false
	}
	return time.Duration(*n) * time.Millisecond, true
}

// endPhrase reports a phrase. All phrases are final.
func (t *transcription) endPhrase() {
	p := &t.phrase
	if p.is {
		if p.speech.HasOffsets {
			p.speech.Start, p.speech.End = p.offset, p.offset+p.length
		}
		t.Send(wire.Event{Kind: wire.Final, Text: p.text.Text(), Speech: p.speech})
	}
	text := p.text
	text.Reset()
	*p = phrase{text: text}
}

// Document reports the last phrase, or an error.
func (t *transcription) Document([]byte) {
	t.endPhrase()
	t.failure.report(&t.Base)
}

// Audio reports that a transcription is no audio.
func (t *transcription) Audio([]byte) { t.NotUnderstood("content") }

// Done does nothing: the service sends no server-sent events.
func (t *transcription) Done() {}

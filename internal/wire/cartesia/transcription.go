// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package cartesia

import (
	"net/http"
	"strconv"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/multipart"
	"github.com/voice-agents/telemetry/internal/wire/recognition"
)

// The fields of a transcription.
const (
	textText = iota
	textLanguage
	textDuration
	textStart
	textEnd
)

var textResponse = plan(
	jsonscan.Field{Path: "text", ID: textText, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "language", ID: textLanguage},
	jsonscan.Field{Path: "duration", ID: textDuration},
	jsonscan.Field{Path: "words.*.start", ID: textStart},
	jsonscan.Field{Path: "words.*.end", ID: textEnd},
)

// transcription decodes the transcription of a file. The query describes a file without a header.
type transcription struct {
	exchange

	form      *multipart.Scanner // Nil if the request is no form.
	sent      recognition.Audio
	utterance recognition.Utterance
	duration  time.Duration
}

func newTranscription(target *wire.Target, report wire.Report) *transcription {
	t := &transcription{exchange: exchange{Base: wire.NewBase(target, wire.STT, report)}}
	t.form = multipart.NewScanner(target.Header.Get("Content-Type"), t)
	t.body = body.NewReader(textResponse, t)
	if encoding := target.Query.Get("encoding"); encoding != "" {
		t.Request.Format = audioformat.OfName(encoding)
	}
	if n, err := strconv.Atoi(target.Query.Get("sample_rate")); err == nil && n > 0 && n <= 1_000_000 {
		t.Request.Format.SampleRate = n
	}
	return t
}

// File reads a piece of the audio.
func (t *transcription) File(part *multipart.Part, p []byte) {
	if part.Name == "file" {
		t.sent.ReadFile(part, p)
	}
}

// End reads the end of a part of the form.
func (t *transcription) End(part *multipart.Part) {
	switch part.Name {
	case "model":
		wire.Set(&t.Request.Model, part.Value)
	case "language":
		wire.Set(&t.Request.Language, part.Value)
	}
}

// Sent reads a piece of the request.
func (t *transcription) Sent(p []byte) {
	if t.form != nil && !t.IsAsked() {
		t.form.Scan(p)
	}
}

// SentAll reports the request.
func (t *transcription) SentAll() { t.ask(true) }

// ask reports the request. isWhole is true if all of it was read.
func (t *transcription) ask(isWhole bool) {
	if t.IsAsked() {
		return
	}
	t.sent.Fill(&t.Request)
	t.Asked()
	switch {
	case t.form == nil:
		t.NotUnderstood("content")
	case isWhole && !t.form.Complete():
		t.NotUnderstood("form")
	}
}

// Answered begins to read the response. A server may answer before it has read the request.
func (t *transcription) Answered(status int, h http.Header) {
	t.ask(false)
	t.answered(status, h, body.JSON)
}

// Value reads a value of the response.
func (t *transcription) Value(v *jsonscan.Value) {
	switch v.Field {
	case textText:
		t.utterance.Text(&t.Base, v)
	case textLanguage:
		if v.Kind == jsonscan.String {
			wire.Set(&t.utterance.Language, v.Text)
		}
	case textDuration:
		t.duration, _ = recognition.Duration(v, time.Second)
	case textStart:
		t.utterance.Start(v, time.Second)
	case textEnd:
		t.utterance.End(v, time.Second)
	default:
		t.value(v)
	}
}

// Document reports the transcript, or an error.
func (t *transcription) Document(name []byte) {
	t.identify()
	t.utterance.Report(&t.Base, t.duration)
	if t.duration > 0 {
		t.Send(wire.Event{Kind: wire.Billed, Audio: t.duration})
		t.duration = 0
	}
	t.end(name)
}

// Audio reports that a transcription is no audio.
func (t *transcription) Audio([]byte) { t.NotUnderstood("content") }

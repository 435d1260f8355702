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
	"github.com/voice-agents/telemetry/internal/wire/transcript"
)

// The fields of a recognition.
const (
	recStatus = iota
	recText
	recOffset
	recDuration
	recBest
	recConfidence
	recLanguage
)

var recognitionPlan = plan(
	jsonscan.Field{Path: "RecognitionStatus", ID: recStatus},
	jsonscan.Field{Path: "DisplayText", ID: recText, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "Offset", ID: recOffset},
	jsonscan.Field{Path: "Duration", ID: recDuration},
	jsonscan.Field{Path: "NBest.*.Display", ID: recBest, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "NBest.*.Confidence", ID: recConfidence},
	jsonscan.Field{Path: "PrimaryLanguage.Language", ID: recLanguage},
)

// recognition decodes speech to text for short audio.
type recognition struct {
	wire.Base
	response

	wav           audioformat.WAV
	status        string
	text, best    transcript.Transcript
	offset, after time.Duration
	hasOffset     bool
	speech        wire.Speech
}

func newRecognition(target *wire.Target, report wire.Report) *recognition {
	r := &recognition{Base: wire.NewBase(target, wire.STT, report)}
	r.text.Keep, r.best.Keep = target.Content, target.Content
	r.Request.Language = target.Query.Get("language")
	r.Request.Format = audioformat.OfContentType(target.Header.Get("Content-Type"))
	r.response = newResponse(&r.Base, recognitionPlan, r)
	return r
}

// Sent reads a piece of the request, which is audio.
func (r *recognition) Sent(p []byte) {
	if !r.IsAsked() {
		r.Request.AudioSize += int64(len(p))
		r.wav.Read(p, nil)
	}
}

// SentAll reports the request.
func (r *recognition) SentAll() {
	if r.IsAsked() {
		return
	}
	if r.wav.Is() {
		r.Request.Format, r.Request.Audio = r.wav.Format(), r.wav.Duration()
	}
	r.Asked()
}

// Answered begins to read the response. The service may answer before all audio was sent.
func (r *recognition) Answered(status int, h http.Header) {
	r.SentAll()
	r.begin(status, h, body.JSON)
}

// Value reads a value of the response. The alternatives are sorted by their confidence.
func (r *recognition) Value(v *jsonscan.Value) {
	if v.Kind == jsonscan.Null {
		return
	}
	switch v.Field {
	case recStatus:
		wire.Set(&r.status, v.Text)
	case recText:
		r.text.Add(v.Text)
	case recBest:
		if v.Index[0] == 0 {
			r.best.Add(v.Text)
		}
	case recOffset:
		r.offset, r.hasOffset = ticks(v)
	case recDuration:
		r.after, _ = ticks(v)
	case recConfidence:
		if f := v.Float(); f != nil && v.Index[0] == 0 {
			r.speech.Confidence, r.speech.HasConfidence = *f, true
		}
	case recLanguage:
		wire.Set(&r.speech.Language, v.Text)
	default:
		r.failure.value(v)
	}
}

// ticks returns a time in units of 100 ns. The service sends a number, its reference shows a string.
func ticks(v *jsonscan.Value) (d time.Duration, ok bool) {
	number := *v
	number.Kind = jsonscan.Number
	n := number.Float() // An int has 32 bits on some machines.
	if n == nil || *n < 0 || *n > maxTicks || *n != math.Trunc(*n) {
		return 0, false
	}
	return time.Duration(*n) * tick, true
}

// A time in the audio is at most a month.
const (
	tick     = 100 * time.Nanosecond
	maxTicks = float64(31 * 24 * time.Hour / tick)
)

// Document reports the transcript. It is empty if no speech was recognised: after "NoMatch",
// "InitialSilenceTimeout" and "BabbleTimeout".
func (r *recognition) Document([]byte) {
	if r.failure.Is {
		r.failure.report(&r.Base)
		return
	}
	switch r.status {
	case "":
		return
	case "Error":
		r.Send(wire.Event{Kind: wire.Failed, Name: r.status})
		return
	}
	text := &r.text
	if text.Size() == 0 {
		text = &r.best
	}
	if r.hasOffset {
		r.speech.HasOffsets, r.speech.Start, r.speech.End = true, r.offset, r.offset+r.after
	}
	r.Send(wire.Event{Kind: wire.Final, Text: text.Text(), Speech: r.speech})
	r.status = ""
}

// Audio reports that a recognition is no audio.
func (r *recognition) Audio([]byte) { r.NotUnderstood("content") }

// Done does nothing: the service sends no server-sent events.
func (r *recognition) Done() {}

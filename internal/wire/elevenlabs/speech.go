// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package elevenlabs

import (
	"net/http"
	"strconv"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/synthesis"
)

// The fields of a request for speech, and of its response with timestamps.
const (
	speechText = iota
	speechModel
	speechLanguage
	speechVoice
	speechAudio
)

var (
	speechRequest = jsonscan.NewPlan(
		jsonscan.Field{Path: "text", ID: speechText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "model_id", ID: speechModel},
		jsonscan.Field{Path: "language_code", ID: speechLanguage},
		jsonscan.Field{Path: "inputs.*.text", ID: speechText, Mode: jsonscan.Pieces}, // Of a dialogue.
		jsonscan.Field{Path: "inputs.*.voice_id", ID: speechVoice},
	)
	speechResponse = plan(
		jsonscan.Field{Path: "audio_base64", ID: speechAudio, Mode: jsonscan.Pieces},
	)
)

// defaultFormat is the output format of a request without one.
const defaultFormat = "mp3_44100_128"

// speech decodes the synthesis of a text or of a dialogue. The audio is the body, or it is in base64 in
// JSON: in one document, or in a document for each piece of a stream.
type speech struct {
	exchange

	sent  *jsonscan.Scanner
	text  synthesis.Text
	audio *synthesis.Audio

	isTimed bool        // The response has timestamps.
	header  http.Header // Of a response with timestamps whose body has not begun.
}

func newSpeech(target *wire.Target, report wire.Report, voice string, isTimed bool) *speech {
	s := &speech{exchange: exchange{Base: wire.NewBase(target, wire.TTS, report)}, isTimed: isTimed}
	s.sent = jsonscan.NewScanner(speechRequest, s.asked)
	s.audio = synthesis.NewAudio(&s.Base)
	s.body = body.NewReader(speechResponse, s)
	s.Request.Voice = voice
	s.Request.Format = formatOf(target.Query.Get("output_format"))
	return s
}

// formatOf returns an output format. ElevenLabs sends one channel.
func formatOf(name string) wire.Format {
	if name == "" {
		name = defaultFormat
	}
	f := audioformat.OfName(name)
	if f.Channels == 0 {
		f.Channels = 1
	}
	return f
}

func (s *speech) asked(v *jsonscan.Value) {
	if v.Kind != jsonscan.String {
		return
	}
	switch v.Field {
	case speechText:
		s.text.Read(v.Text)
	case speechModel:
		wire.Set(&s.Request.Model, v.Text)
	case speechLanguage:
		wire.Set(&s.Request.Language, v.Text)
	case speechVoice: // A dialogue has several.
		if s.Request.Voice == "" {
			wire.Set(&s.Request.Voice, v.Text)
		}
	}
}

// Sent reads a piece of the request.
func (s *speech) Sent(p []byte) {
	if !s.IsAsked() {
		s.sent.Scan(p)
	}
}

// SentAll reports the request.
func (s *speech) SentAll() {
	if s.IsAsked() {
		return
	}
	s.text.Fill(&s.Request, false, s.Target.Content)
	s.Asked()
	if s.sent.Broken() {
		s.NotUnderstood("json")
	}
}

// Answered begins to read the response. The header character-cost is in credits, which are characters
// by the rate of the model.
func (s *speech) Answered(status int, h http.Header) {
	s.SentAll()
	s.answered(status, h)
	if n, err := strconv.Atoi(h.Get("Character-Cost")); err == nil && n > 0 {
		s.Send(wire.Event{Kind: wire.Billed, Characters: n})
	}
	s.audio.Begin(s.Request.Format)
	switch {
	case s.failure.Is():
		s.body.Begin(h, body.JSON)
	case s.isTimed:
		s.header = h
	default:
		s.body.Begin(h, body.Audio)
	}
}

// Received reads a piece of the response. A stream of JSON documents may have the
// content type text/event-stream, so that the first byte decides how a response with timestamps is read.
func (s *speech) Received(p []byte) {
	if s.header != nil && len(p) > 0 {
		h := s.header
		if p[0] == '{' {
			h = http.Header{"Content-Encoding": h["Content-Encoding"]}
		}
		s.body.Begin(h, body.JSON)
		s.header = nil
	}
	s.exchange.Received(p)
}

// ReceivedAll reads the end of the response.
func (s *speech) ReceivedAll() {
	if s.header == nil {
		s.exchange.ReceivedAll()
	}
}

// Value reads a value of a response in JSON.
func (s *speech) Value(v *jsonscan.Value) {
	if v.Field != speechAudio {
		s.value(v)
		return
	}
	if v.Kind != jsonscan.String {
		return // The last document of a stream may have no audio.
	}
	s.audio.ReadBase64(v.Text)
	if !v.More && !s.audio.EndBase64() {
		s.NotUnderstood("base64")
	}
}

// Document reads the end of a document.
func (s *speech) Document([]byte) { s.end() }

// Audio reads a piece of audio.
func (s *speech) Audio(p []byte) { s.audio.Read(p) }

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package polly decodes the operation SynthesizeSpeech of Amazon Polly. Its reference is
// https://docs.aws.amazon.com/polly/latest/dg/API_SynthesizeSpeech.html.
package polly

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/synthesis"
)

// New returns the decoder of a request, or nil if its path is none that the decoder reads.
func New(target *wire.Target, report wire.Report) wire.Exchange {
	if target.Method != http.MethodPost || !strings.HasSuffix(target.Path, "/v1/speech") {
		return nil
	}
	s := &speech{Base: wire.NewBase(target, wire.TTS, report)}
	s.sent = jsonscan.NewScanner(requestPlan, s.asked)
	s.audio = synthesis.NewAudio(&s.Base)
	s.body = body.NewReader(errorPlan, s)
	return s
}

// The fields of a request and of an error.
const (
	askText = iota
	askTextType
	askVoice
	askEngine
	askLanguage
	askFormat
	askSampleRate
	failMessage
	failType
)

var (
	requestPlan = jsonscan.NewPlan(
		jsonscan.Field{Path: "Text", ID: askText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "TextType", ID: askTextType},
		jsonscan.Field{Path: "VoiceId", ID: askVoice},
		jsonscan.Field{Path: "Engine", ID: askEngine},
		jsonscan.Field{Path: "LanguageCode", ID: askLanguage},
		jsonscan.Field{Path: "OutputFormat", ID: askFormat},
		jsonscan.Field{Path: "SampleRate", ID: askSampleRate},
	)
	errorPlan = jsonscan.NewPlan(
		jsonscan.Field{Path: "message", ID: failMessage},
		jsonscan.Field{Path: "Message", ID: failMessage}, // Of errors of authorisation.
		jsonscan.Field{Path: "__type", ID: failType},
	)
)

// speech decodes the synthesis of a text.
type speech struct {
	wire.Base

	sent       *jsonscan.Scanner
	text       synthesis.Text
	isMarkup   bool
	sampleRate int

	body    *body.Reader
	audio   *synthesis.Audio
	isMarks bool // The response holds speech marks in place of audio.
	failure wire.Failure
}

func (s *speech) asked(v *jsonscan.Value) {
	if v.Kind == jsonscan.Null {
		return
	}
	switch v.Field {
	case askText:
		s.text.Read(v.Text)
	case askTextType:
		s.isMarkup = string(v.Text) == "ssml"
	case askVoice:
		wire.Set(&s.Request.Voice, v.Text)
	case askEngine: // It is what other providers name a model: "neural", "generative".
		wire.Set(&s.Request.Model, v.Text)
	case askLanguage:
		wire.Set(&s.Request.Language, v.Text)
	case askFormat:
		s.Request.Format = formatOf(string(v.Text))
	case askSampleRate:
		s.sampleRate, _ = strconv.Atoi(string(v.Text))
	}
}

// formatOf returns a format with the sample rate that Polly uses if the request has none. That of
// compressed formats depends on the voice.
func formatOf(name string) wire.Format {
	if name == "json" {
		return wire.Format{}
	}
	f := audioformat.OfName(name)
	switch f.Codec {
	case audioformat.PCM:
		f.SampleRate, f.Channels = 16000, 1
	case audioformat.MuLaw, audioformat.ALaw:
		f.SampleRate, f.Channels = 8000, 1
	}
	return f
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
	s.text.Fill(&s.Request, s.isMarkup, s.Target.Content)
	if s.sampleRate > 0 && s.Request.Format.Codec != "" {
		s.Request.Format.SampleRate = s.sampleRate
	}
	s.Asked()
	if s.sent.Broken() {
		s.NotUnderstood("json")
	}
}

// Answered begins to read the response. Polly bills code points of the text without the markup.
func (s *speech) Answered(status int, h http.Header) {
	s.SentAll()
	if id := h.Get("X-Amzn-Requestid"); id != "" {
		s.Send(wire.Event{Kind: wire.Answered, ID: id})
	}
	if n, err := strconv.Atoi(h.Get("X-Amzn-Requestcharacters")); err == nil && n > 0 {
		s.Send(wire.Event{Kind: wire.Billed, Characters: n})
	}
	fallback := synthesis.ContentOf(h)
	if status >= http.StatusBadRequest {
		fallback = body.JSON
		s.failure = wire.Failure{Is: true, Class: className(h.Get("X-Amzn-Errortype"))}
		if s.failure.Class == "" {
			s.failure.Class = strconv.Itoa(status)
		}
	}
	s.isMarks = strings.HasPrefix(h.Get("Content-Type"), "application/x-json-stream")
	s.audio.Begin(s.Request.Format)
	s.body.Begin(h, fallback)
}

// className returns the name of an error without what AWS writes around it:
// "com.amazonaws.parrot#InvalidSsmlException", "InvalidSsmlException:http://internal.amazon.com/".
func className(name string) string {
	name, _, _ = strings.Cut(name, ":")
	return name[strings.LastIndexByte(name, '#')+1:]
}

// Received reads a piece of the response.
func (s *speech) Received(p []byte) {
	if !s.isMarks {
		s.body.Read(p)
	}
}

// ReceivedAll reads the end of the response. An error may have no body.
func (s *speech) ReceivedAll() {
	s.body.End()
	if s.failure.Is {
		s.failure.Is = false
		s.Send(s.failure.Event())
	}
}

// Value reads a value of an error.
func (s *speech) Value(v *jsonscan.Value) {
	if v.Kind != jsonscan.String {
		return
	}
	switch v.Field {
	case failMessage:
		wire.Set(&s.failure.Message, v.Text)
	case failType:
		if class := className(string(v.Text)); class != "" {
			s.failure.Class = class
		}
	}
}

// Document reports an error.
func (s *speech) Document([]byte) {
	if s.failure.Is {
		s.failure.Is = false
		s.Send(s.failure.Event())
	}
}

// Audio reads a piece of audio.
func (s *speech) Audio(p []byte) { s.audio.Read(p) }

// Done does nothing: Polly sends no server-sent events.
func (s *speech) Done() {}

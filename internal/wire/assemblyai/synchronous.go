// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assemblyai

import (
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/multipart"
	"github.com/voice-agents/telemetry/internal/wire/recognition"
)

// The fields of the configuration of a synchronous transcription.
const (
	syncModel = iota
	syncLanguage
	syncRate
	syncChannels
)

var configuration = jsonscan.NewPlan(
	jsonscan.Field{Path: "model", ID: syncModel},
	jsonscan.Field{Path: "language_code", ID: syncLanguage},
	jsonscan.Field{Path: "language_codes.*", ID: syncLanguage},
	jsonscan.Field{Path: "sample_rate", ID: syncRate},
	jsonscan.Field{Path: "channels", ID: syncChannels},
)

// synchronous decodes a synchronous transcription: a form with the audio and its configuration.
type synchronous struct {
	exchange

	form *multipart.Scanner // Nil if the request is no form.
	sent recognition.Audio
}

func newSync(target *wire.Target, report wire.Report) *synchronous {
	s := &synchronous{exchange: exchange{Base: wire.NewBase(target, wire.STT, report), isSync: true}}
	s.form = multipart.NewScanner(target.Header.Get("Content-Type"), s)
	s.body = body.NewReader(response, s)
	s.Request.Model = target.Header.Get("X-Aai-Model")
	return s
}

// File reads a piece of the audio.
func (s *synchronous) File(part *multipart.Part, p []byte) {
	if part.Name != "audio" {
		return
	}
	s.sent.ReadFile(part, p)
	if s.Request.Format.Codec == "" && strings.EqualFold(part.ContentType, "audio/pcm") {
		s.Request.Format.Codec = audioformat.PCM
	}
}

// End reads the end of a part of the form.
func (s *synchronous) End(part *multipart.Part) {
	if part.Name == "config" {
		jsonscan.NewScanner(configuration, s.configured).Scan(part.Value)
	}
}

// configured reads a value of the configuration. With several languages the vendor finds the one that
// is spoken.
func (s *synchronous) configured(v *jsonscan.Value) {
	switch n := v.Int(); {
	case v.Field == syncModel && v.Kind == jsonscan.String:
		wire.Set(&s.Request.Model, v.Text)
	case v.Field == syncLanguage && v.Kind == jsonscan.String && v.Index[0] > 0:
		s.Request.Language = ""
	case v.Field == syncLanguage && v.Kind == jsonscan.String:
		wire.Set(&s.Request.Language, v.Text)
	case n == nil || *n < 1 || *n > 1_000_000:
	case v.Field == syncRate:
		s.Request.Format.SampleRate = *n
	case v.Field == syncChannels:
		s.Request.Format.Channels = *n
	}
}

// Sent reads a piece of the request.
func (s *synchronous) Sent(p []byte) {
	if s.form != nil && !s.IsAsked() {
		s.form.Scan(p)
	}
}

// SentAll reports the request.
func (s *synchronous) SentAll() { s.ask(true) }

// ask reports the request. isWhole is true if all of it was read.
func (s *synchronous) ask(isWhole bool) {
	if s.IsAsked() {
		return
	}
	s.sent.Fill(&s.Request)
	s.Asked()
	switch {
	case s.form == nil:
		s.NotUnderstood("content")
	case isWhole && !s.form.Complete():
		s.NotUnderstood("form")
	}
}

// Answered begins to read the response. A server may answer before it has read the request.
func (s *synchronous) Answered(status int, h http.Header) {
	s.ask(false)
	s.answered(status, h)
}

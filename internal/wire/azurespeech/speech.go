// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package azurespeech

import (
	"net/http"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/synthesis"
)

var speechPlan = plan()

// speech decodes text to speech, whose request is SSML and whose response is audio.
type speech struct {
	wire.Base

	text    synthesis.Text
	body    *body.Reader
	audio   *synthesis.Audio
	content body.Content
	failure failure
}

func newSpeech(target *wire.Target, report wire.Report) *speech {
	s := &speech{Base: wire.NewBase(target, wire.TTS, report)}
	s.audio = synthesis.NewAudio(&s.Base)
	s.body = body.NewReader(speechPlan, s)
	return s
}

// Sent reads a piece of the request.
func (s *speech) Sent(p []byte) {
	if !s.IsAsked() {
		s.text.Read(p)
	}
}

// SentAll reports the request.
func (s *speech) SentAll() {
	if s.IsAsked() {
		return
	}
	s.text.Fill(&s.Request, true, s.Target.Content)
	if name := s.Target.Header.Get("X-Microsoft-Outputformat"); name != "" {
		s.Request.Format = audioformat.OfName(name)
	}
	s.Asked()
}

// Answered begins to read the response.
func (s *speech) Answered(status int, h http.Header) {
	s.SentAll()
	if id := requestID(h); id != "" {
		s.Send(wire.Event{Kind: wire.Answered, ID: id})
	}
	if s.failure.begin(status, h) {
		s.content = s.body.Begin(h, body.Unknown)
		return
	}
	s.audio.Begin(s.Request.Format)
	s.content = s.body.Begin(h, synthesis.ContentOf(h))
}

// Received reads a piece of the response.
func (s *speech) Received(p []byte) {
	if s.failure.Is && s.content != body.JSON {
		s.failure.read(p)
		return
	}
	s.body.Read(p)
}

// ReceivedAll reads the end of the response.
func (s *speech) ReceivedAll() {
	s.body.End()
	s.failure.report(&s.Base)
}

// Value reads a value of an error.
func (s *speech) Value(v *jsonscan.Value) { s.failure.value(v) }

// Document reports an error.
func (s *speech) Document([]byte) { s.failure.report(&s.Base) }

// Audio reads a piece of audio.
func (s *speech) Audio(p []byte) { s.audio.Read(p) }

// Done does nothing: the service sends no server-sent events.
func (s *speech) Done() {}

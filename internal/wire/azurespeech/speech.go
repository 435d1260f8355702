// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package azurespeech

import (
	"net/http"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/synthesis"
)

var speechPlan = plan()

// speech decodes text to speech, whose request is SSML and whose response is audio.
type speech struct {
	wire.Base
	response

	text  synthesis.Text
	audio *synthesis.Audio
}

func newSpeech(target *wire.Target, report wire.Report) *speech {
	s := &speech{Base: wire.NewBase(target, wire.TTS, report)}
	s.audio = synthesis.NewAudio(&s.Base)
	s.response = newResponse(&s.Base, speechPlan, s)
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
	s.begin(status, h, synthesis.ContentOf(h))
	if !s.failure.Is {
		s.audio.Begin(s.Request.Format)
	}
}

// Value reads a value of an error.
func (s *speech) Value(v *jsonscan.Value) { s.failure.value(v) }

// Document reports an error.
func (s *speech) Document([]byte) { s.failure.report(&s.Base) }

// Audio reads a piece of audio.
func (s *speech) Audio(p []byte) { s.audio.Read(p) }

// Done does nothing: the service sends no server-sent events.
func (s *speech) Done() {}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package googlespeech

import (
	"net/http"
	"slices"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/synthesis"
)

// The fields of a synthesis.
const (
	ttsText = iota
	ttsMarkup
	ttsVoice
	ttsModel
	ttsLanguage
	ttsEncoding
	ttsSampleRate
	ttsAudio
)

var (
	speechRequest = jsonscan.NewPlan(slices.Concat(
		[]jsonscan.Field{
			{Path: "input.text", ID: ttsText, Mode: jsonscan.Pieces},
			{Path: "input.markup", ID: ttsText, Mode: jsonscan.Pieces}, // Text with pauses.
			{Path: "input.ssml", ID: ttsMarkup, Mode: jsonscan.Pieces},
			{Path: "voice.name", ID: ttsVoice},
		},
		both("input.multiSpeakerMarkup.turns.*.text", "input.multi_speaker_markup.turns.*.text", ttsText, jsonscan.Pieces),
		both("voice.languageCode", "voice.language_code", ttsLanguage, jsonscan.Scalar),
		both("voice.modelName", "voice.model_name", ttsModel, jsonscan.Scalar),
		both("audioConfig.audioEncoding", "audio_config.audio_encoding", ttsEncoding, jsonscan.Scalar),
		both("audioConfig.sampleRateHertz", "audio_config.sample_rate_hertz", ttsSampleRate, jsonscan.Scalar),
	)...)
	speechResponse = plan(jsonscan.Field{Path: "audioContent", ID: ttsAudio, Mode: jsonscan.Pieces})
)

// speech decodes the synthesis of a text, whose audio is in JSON.
type speech struct {
	wire.Base

	sent     *jsonscan.Scanner
	text     synthesis.Text
	isMarkup bool

	body    *body.Reader
	audio   *synthesis.Audio
	failure failure
}

func newSpeech(target *wire.Target, report wire.Report) *speech {
	s := &speech{Base: wire.NewBase(target, wire.TTS, report)}
	s.sent = jsonscan.NewScanner(speechRequest, s.asked)
	s.audio = synthesis.NewAudio(&s.Base)
	s.body = body.NewReader(speechResponse, s)
	return s
}

func (s *speech) asked(v *jsonscan.Value) {
	if v.Kind == jsonscan.Null {
		return
	}
	switch v.Field {
	case ttsText, ttsMarkup:
		s.isMarkup = v.Field == ttsMarkup
		s.text.Read(v.Text)
	case ttsVoice:
		wire.Set(&s.Request.Voice, v.Text)
	case ttsModel:
		wire.Set(&s.Request.Model, v.Text)
	case ttsLanguage:
		wire.Set(&s.Request.Language, v.Text)
	case ttsEncoding:
		s.Request.Format.Codec = codecOf(v)
	case ttsSampleRate:
		s.Request.Format.SampleRate = count(v)
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
	s.text.Fill(&s.Request, s.isMarkup, s.Target.Content)
	mono(&s.Request.Format)
	s.Asked()
	if s.sent.Broken() {
		s.NotUnderstood("json")
	}
}

// Answered begins to read the response.
func (s *speech) Answered(status int, h http.Header) {
	s.SentAll()
	s.failure.status = status
	s.audio.Begin(s.Request.Format)
	s.body.Begin(h, body.Unknown)
}

// Received reads a piece of the response.
func (s *speech) Received(p []byte) { s.body.Read(p) }

// ReceivedAll reads the end of the response.
func (s *speech) ReceivedAll() {
	s.body.End()
	s.failure.report(&s.Base, true)
}

// Value reads a value of the response.
func (s *speech) Value(v *jsonscan.Value) {
	if v.Field != ttsAudio {
		s.failure.value(v)
		return
	}
	s.audio.ReadBase64(v.Text)
	if !v.More && !s.audio.EndBase64() {
		s.NotUnderstood("base64")
	}
}

// Document reports an error.
func (s *speech) Document([]byte) { s.failure.report(&s.Base, false) }

// Audio reports that the audio is not in JSON.
func (s *speech) Audio([]byte) { s.NotUnderstood("content") }

// Done does nothing: the service sends no server-sent events.
func (s *speech) Done() {}

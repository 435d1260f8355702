// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package cartesia

import (
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/synthesis"
)

// The fields of a request for speech, and of the events of its response.
const (
	speechText = iota
	speechModel
	speechLanguage
	speechVoice
	speechContainer
	speechEncoding
	speechRate
	speechAudio
)

var (
	speechRequest = jsonscan.NewPlan(
		jsonscan.Field{Path: "transcript", ID: speechText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "model_id", ID: speechModel},
		jsonscan.Field{Path: "language", ID: speechLanguage},
		jsonscan.Field{Path: "voice", ID: speechVoice},
		jsonscan.Field{Path: "voice.id", ID: speechVoice},
		jsonscan.Field{Path: "output_format.container", ID: speechContainer},
		jsonscan.Field{Path: "output_format.encoding", ID: speechEncoding},
		jsonscan.Field{Path: "output_format.sample_rate", ID: speechRate},
	)
	speechResponse = plan(
		jsonscan.Field{Path: "data", ID: speechAudio, Mode: jsonscan.Pieces},
	)
)

// speech decodes the synthesis of a text. The audio is the body, or it is in base64 in server-sent
// events.
type speech struct {
	exchange

	sent      *jsonscan.Scanner
	text      synthesis.Text
	container string
	encoding  string
	rate      int

	audio   *synthesis.Audio
	isEnded bool
}

func newSpeech(target *wire.Target, report wire.Report) *speech {
	s := &speech{exchange: exchange{Base: wire.NewBase(target, wire.TTS, report)}}
	s.Request.Stream = strings.HasSuffix(strings.TrimSuffix(target.Path, "/"), "/sse")
	s.sent = jsonscan.NewScanner(speechRequest, s.asked)
	s.audio = synthesis.NewAudio(&s.Base)
	s.body = body.NewReader(speechResponse, s)
	return s
}

func (s *speech) asked(v *jsonscan.Value) {
	if v.Field == speechRate {
		if n := v.Int(); n != nil && *n > 0 && *n <= 1_000_000 {
			s.rate = *n
		}
		return
	}
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
	case speechVoice:
		wire.Set(&s.Request.Voice, v.Text)
	case speechContainer:
		wire.Set(&s.container, v.Text)
	case speechEncoding:
		wire.Set(&s.encoding, v.Text)
	}
}

// formatOf returns the format of the audio. Cartesia sends one channel.
func formatOf(container, encoding string, rate int) (f wire.Format) {
	switch {
	case encoding != "" && container != "mp3": // A WAV file holds the encoding.
		f = audioformat.OfName(encoding)
	case container != "" && container != "raw":
		f = audioformat.OfName(container)
	default:
		return wire.Format{}
	}
	f.SampleRate, f.Channels = rate, 1
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
	s.text.Fill(&s.Request, false, s.Target.Content)
	s.Request.Format = formatOf(s.container, s.encoding, s.rate)
	s.Asked()
	if s.sent.Broken() {
		s.NotUnderstood("json")
	}
}

// Answered begins to read the response.
func (s *speech) Answered(status int, h http.Header) {
	s.SentAll()
	s.audio.Begin(s.Request.Format)
	fallback := body.Audio
	if s.Request.Stream {
		fallback = body.Events
	}
	s.answered(status, h, fallback)
}

// Value reads a value of an event.
func (s *speech) Value(v *jsonscan.Value) {
	if v.Field != speechAudio {
		s.value(v)
		return
	}
	if v.Kind != jsonscan.String {
		return
	}
	s.audio.ReadBase64(v.Text)
	if !v.More && !s.audio.EndBase64() {
		s.NotUnderstood("base64")
	}
}

// Document reads the end of an event. An error ends the stream, too, but the audio is not complete.
func (s *speech) Document(name []byte) {
	if string(s.end(name)) == "done" && !s.isEnded {
		s.isEnded = true
		s.Send(wire.Event{Kind: wire.Ended})
	}
}

// Audio reads a piece of audio.
func (s *speech) Audio(p []byte) { s.audio.Read(p) }

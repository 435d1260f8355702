// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package deepgram

import (
	"net/http"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/synthesis"
)

// speakText is the text to synthesise.
const speakText = 0

var (
	speakRequest  = jsonscan.NewPlan(jsonscan.Field{Path: "text", ID: speakText, Mode: jsonscan.Pieces})
	speakResponse = plan()
)

// speak decodes the synthesis of a text. The model names the voice, too: "aura-2-thalia-en".
type speak struct {
	exchange

	sent  *jsonscan.Scanner
	text  synthesis.Text
	audio *synthesis.Audio
}

func newSpeak(target *wire.Target, report wire.Report) *speak {
	s := &speak{exchange: exchange{Base: wire.NewBase(target, wire.TTS, report)}}
	s.sent = jsonscan.NewScanner(speakRequest, s.asked)
	s.audio = synthesis.NewAudio(&s.Base)
	s.body = body.NewReader(speakResponse, s)
	q := target.Query
	s.Request.Model = q.Get("model")
	s.Request.Format = formatOf(q.Get("encoding"), positive(q.Get("sample_rate")))
	return s
}

// formatOf returns the format of an encoding, with the sample rate that Deepgram documents if the
// request has none. Deepgram sends one channel.
func formatOf(encoding string, rate int) wire.Format {
	if encoding == "" {
		encoding = "mp3"
	}
	f := audioformat.OfName(encoding)
	f.SampleRate, f.Channels = rate, 1
	if rate > 0 {
		return f
	}
	switch f.Codec {
	case audioformat.PCM:
		f.SampleRate = 24000
	case audioformat.MuLaw, audioformat.ALaw:
		f.SampleRate = 8000
	case "mp3", "aac":
		f.SampleRate = 22050
	case "opus", "flac":
		f.SampleRate = 48000
	}
	return f
}

func (s *speak) asked(v *jsonscan.Value) {
	if v.Field == speakText && v.Kind == jsonscan.String {
		s.text.Read(v.Text)
	}
}

// Sent reads a piece of the request.
func (s *speak) Sent(p []byte) {
	if !s.IsAsked() {
		s.sent.Scan(p)
	}
}

// SentAll reports the request.
func (s *speak) SentAll() {
	if s.IsAsked() {
		return
	}
	s.text.Fill(&s.Request, false, s.Target.Content)
	s.Asked()
	if s.sent.Broken() {
		s.NotUnderstood("json")
	}
}

// Answered begins to read the response.
func (s *speak) Answered(status int, h http.Header) {
	s.SentAll()
	s.answered(status, h, body.Audio)
	if n := positive(h.Get("Dg-Char-Count")); n > 0 {
		s.Send(wire.Event{Kind: wire.Billed, Characters: n})
	}
	s.audio.Begin(s.Request.Format)
}

// Value reads a value of a response that is not audio.
func (s *speak) Value(v *jsonscan.Value) { s.value(v) }

// Document reports an error, or the ID of a request with a callback.
func (s *speak) Document([]byte) {
	s.identify()
	s.failure.Report(&s.Base)
}

// Audio reads a piece of audio. The header of a WAV file, which Deepgram sends unless the query has
// "container=none", is no audio.
func (s *speak) Audio(p []byte) { s.audio.Read(p) }

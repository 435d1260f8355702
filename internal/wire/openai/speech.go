// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/errorbody"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// The fields of a request for speech, and of the events of its response.
const (
	speechModel = iota
	speechVoice
	speechInput
	speechFormat
	speechEncoding
	speechRate
	speechLanguage
	speechStreamFormat
	speechStream
	speechAudio
	speechType
)

var (
	speechRequest = jsonscan.NewPlan(
		jsonscan.Field{Path: "model", ID: speechModel},
		jsonscan.Field{Path: "voice", ID: speechVoice},
		jsonscan.Field{Path: "voice.id", ID: speechVoice},
		jsonscan.Field{Path: "voice_id", ID: speechVoice}, // Of Mistral.
		jsonscan.Field{Path: "input", ID: speechInput, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "response_format", ID: speechFormat},
		jsonscan.Field{Path: "response_encoding", ID: speechEncoding}, // Of Together.
		jsonscan.Field{Path: "sample_rate", ID: speechRate},           // Of Together and Groq.
		jsonscan.Field{Path: "language", ID: speechLanguage},
		jsonscan.Field{Path: "stream_format", ID: speechStreamFormat},
		jsonscan.Field{Path: "stream", ID: speechStream},
	)
	speechResponse = errorbody.Plan(append(
		usageFields("usage"),
		jsonscan.Field{Path: "type", ID: speechType},
		jsonscan.Field{Path: "audio", ID: speechAudio, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "audio_data", ID: speechAudio, Mode: jsonscan.Pieces}, // Of Mistral.
		jsonscan.Field{Path: "b64", ID: speechAudio, Mode: jsonscan.Pieces},        // Of Together.
	)...)
)

// maxText is how many bytes of the text to synthesise are kept, if content is wanted.
const maxText = 4 << 10

// openAIRate is the sample rate of "pcm", which OpenAI documents. Servers that speak its API, such as
// Kokoro-FastAPI, keep to it.
const openAIRate = 24000

// speech decodes the synthesis of speech.
type speech struct {
	exchange

	input    []byte
	format   string
	encoding string
	rate     int

	answer    wire.Format // Of the audio that is received.
	wav       *audioformat.WAV
	isFormat  bool // AudioFormat was reported.
	base64    audioformat.Base64
	usage     usageReader
	kind      [32]byte // The type of the event.
	kindSize  int
	sendAudio func([]byte)
	decoded   func([]byte)
}

func newSpeech(target *wire.Target, report wire.Report) *speech {
	s := &speech{exchange: newExchange(target, wire.TTS, report)}
	s.sent = jsonscan.NewScanner(speechRequest, s.asked)
	s.body = body.NewReader(speechResponse, s)
	s.sendAudio, s.decoded = s.audio, s.Audio // Once, so that pieces do not allocate them.
	return s
}

func (s *speech) asked(v *jsonscan.Value) {
	switch v.Field {
	case speechModel:
		s.Request.Model = string(v.Text)
	case speechVoice:
		if v.Kind == jsonscan.String {
			s.Request.Voice = string(v.Text)
		}
	case speechInput:
		s.text(v)
	case speechFormat:
		s.format = string(v.Text)
	case speechEncoding:
		s.encoding = string(v.Text)
	case speechRate:
		if n := v.Int(); n != nil {
			s.rate = *n
		}
	case speechLanguage:
		if v.Kind == jsonscan.String {
			s.Request.Language = string(v.Text)
		}
	case speechStreamFormat:
		s.Request.Stream = s.Request.Stream || string(v.Text) == "sse"
	case speechStream:
		s.Request.Stream = s.Request.Stream || v.Kind == jsonscan.True
	}
}

// text reads a piece of the text to synthesise.
func (s *speech) text(v *jsonscan.Value) {
	if v.Kind != jsonscan.String {
		return
	}
	s.Request.Characters = v.Runes
	if s.Target.Content {
		s.input = append(s.input, v.Text[:min(len(v.Text), maxText-len(s.input))]...)
	}
}

// SentAll reports the request.
func (s *speech) SentAll() {
	if s.IsAsked() {
		return
	}
	s.Request.Text = string(s.input)
	if len(s.input) == maxText {
		s.Request.Text = strings.ToValidUTF8(s.Request.Text, "")
	}
	s.Request.Format = s.asksFor()
	s.exchange.SentAll()
}

// asksFor returns the format that the request asks for.
func (s *speech) asksFor() wire.Format {
	name := s.format
	if s.encoding != "" && (name == "raw" || name == "") {
		name = s.encoding
	}
	if name == "" {
		name = "mp3"
	}
	f := audioformat.OfName(name)
	if f.SampleRate == 0 {
		f.SampleRate = s.rate
	}
	return completed(f)
}

// completed returns a format with what OpenAI documents of PCM without a header.
func completed(f wire.Format) wire.Format {
	if f.Codec == audioformat.PCM {
		if f.SampleRate == 0 {
			f.SampleRate = openAIRate
		}
		if f.Channels == 0 {
			f.Channels = 1
		}
	}
	return f
}

// Answered begins to read the response. Audio may have a content type that says nothing.
func (s *speech) Answered(status int, h http.Header) {
	s.SentAll()
	s.status = status
	fallback := body.Unknown
	switch _, mediaType, _ := body.ContentOf(h); {
	case status >= 300:
		if mediaType == "" {
			fallback = body.JSON
		}
	case mediaType == "", mediaType == "application/octet-stream", mediaType == "binary/octet-stream":
		fallback = body.Audio
	}
	content := s.body.Begin(h, fallback)
	s.isEvent = content == body.Events
	s.answer = s.Request.Format
	if content == body.Audio {
		f := audioformat.OfContentType(h.Get("Content-Type"))
		isContainer := f.Codec == "ogg" || f.Codec == "webm" // The request says the codec in it.
		if f.Codec != "" && f.Codec != s.answer.Codec && !isContainer {
			s.answer = completed(f)
		} else if f.SampleRate > 0 {
			s.answer.SampleRate = f.SampleRate
		}
	}
	if s.answer.Codec == audioformat.Wave {
		s.wav = new(audioformat.WAV)
	}
}

// Audio reads a piece of the audio.
func (s *speech) Audio(p []byte) {
	if s.wav == nil {
		s.audio(p)
		return
	}
	s.wav.Read(p, s.sendAudio)
}

// audio reports a piece of audio, without the header of a WAV file.
func (s *speech) audio(p []byte) {
	if len(p) == 0 {
		return
	}
	if !s.isFormat {
		s.isFormat = true
		if s.wav != nil && s.wav.Is() {
			s.answer = s.wav.Format()
		}
		s.Send(wire.Event{Kind: wire.AudioFormat, Format: s.answer})
	}
	s.Send(wire.Event{Kind: wire.Audio, Data: p})
}

// Value reads a value of the response.
func (s *speech) Value(v *jsonscan.Value) {
	switch v.Field {
	case speechType:
		s.kindSize = copy(s.kind[:], v.Text)
	case speechAudio:
		if v.Kind != jsonscan.String {
			return
		}
		s.base64.Decode(v.Text, s.decoded)
		if !v.More && !s.base64.End(s.decoded) {
			s.NotUnderstood("base64")
		}
	default:
		if !s.usage.read(v) {
			s.failure.Read(v, s.status)
		}
	}
}

// Document reports what an event says.
func (s *speech) Document(name []byte) {
	event := s.kind[:s.kindSize]
	if len(event) == 0 {
		event = name
	}
	s.usage.end(&s.Base)
	s.failure.IsDocument = s.failure.IsDocument || string(event) == "error"
	s.fail()
	if string(event) == "speech.audio.done" {
		s.end()
	}
	s.kindSize = 0
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package azurespeech

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/synthesis"
)

// The fields of a message of a synthesizer.
const (
	speechFormat = iota
	speechVoice
	speechLanguage
	speechAction
)

var speechMessage = fields.NewPlan(
	jsonscan.Field{Path: "synthesis.audio.outputFormat", ID: speechFormat},
	jsonscan.Field{Path: "context.synthesis.audio.outputFormat", ID: speechFormat}, // Of speech.config.
	jsonscan.Field{Path: "synthesis.input.voiceName", ID: speechVoice},
	jsonscan.Field{Path: "synthesis.input.language", ID: speechLanguage},
	jsonscan.Field{Path: "action", ID: speechAction},
)

// maxTurns is how many texts may be open at once. The SDKs open one.
const maxTurns = 8

// A turn is a text and its audio: one request.
type turn struct {
	of           string // The ID of the request.
	wav          audioformat.WAV
	isFormatSent bool
}

// speechStream decodes the synthesis of texts: SSML as a whole, or pieces of text as they are written
// (version 2). Each has a request ID of its own.
type speechStream struct {
	wire.Base

	message *fields.Message
	turns   []*turn
	current *turn // Whose audio is being read.
	read    func([]byte)
	text    wire.Request // What text.piece asks for, which synthesis.context says.
}

func newSpeechStream(target *wire.Target, report wire.Report) *speechStream {
	s := &speechStream{Base: newBase(target, wire.TTS, report)}
	s.message = fields.New(speechMessage, nil)
	s.read = s.send // Made once, because each method value is allocated.
	return s
}

// Message reads a message.
func (s *speechStream) Message(m wire.Message) {
	defer s.message.Release()
	f, ok := newFrame(m)
	switch {
	case !ok:
		s.NotUnderstood("event")
	case m.Sent:
		s.sent(&f)
	default:
		s.received(&f)
	}
}

// Closed reads the end of the connection.
func (s *speechStream) Closed() {}

func (s *speechStream) sent(f *frame) {
	switch {
	case f.is("speech.config"), f.is("synthesis.context"):
		s.context(f)
	case f.is("ssml"):
		var text synthesis.Text
		text.Read(f.body)
		r := s.Request
		r.Voice, r.Language = "", ""
		text.Fill(&r, true, true)
		s.begin(f, r.Voice, r.Language)
		s.textSent(f, r.Characters, []byte(r.Text))
	case f.is("text.piece"):
		if s.find(f.request) == nil {
			s.begin(f, s.text.Voice, s.text.Language)
		}
		var text synthesis.Text
		text.Read(f.body)
		var r wire.Request
		text.Fill(&r, false, false)
		s.textSent(f, r.Characters, f.body)
	case f.is("synthesis.control"):
		if s.json(f) && s.message.Is(speechAction, "stop") {
			s.end(f, wire.Cleared)
		}
	case f.is("text.end"), f.is("telemetry"), f.is("ping"):
	default:
		s.NotUnderstood("event")
	}
}

func (s *speechStream) json(f *frame) bool {
	if !s.message.Read(f.body) {
		s.NotUnderstood("json")
		return false
	}
	return true
}

// context reads the parameters of the texts that follow.
func (s *speechStream) context(f *frame) {
	if !s.json(f) {
		return
	}
	if name := s.message.Text(speechFormat); name != nil {
		s.Request.Format = audioformat.OfName(string(name))
	}
	if f.is("synthesis.context") {
		s.text.Voice, s.text.Language = string(s.message.Text(speechVoice)), string(s.message.Text(speechLanguage))
	}
}

// begin reports a request, and opens it.
func (s *speechStream) begin(f *frame, voice, language string) {
	if s.find(f.request) != nil {
		return
	}
	if len(s.turns) == maxTurns {
		s.turns = append(s.turns[:0], s.turns[1:]...)
	}
	t := &turn{of: string(f.request)}
	s.turns = append(s.turns, t)
	s.Request.Voice, s.Request.Language = voice, language
	s.Send(wire.Event{Kind: wire.Requested, Of: t.of, Request: &s.Request})
}

func (s *speechStream) textSent(f *frame, characters int, text []byte) {
	e := wire.Event{Kind: wire.TextSent, Of: string(f.request), Characters: characters}
	if s.Target.Content {
		e.Text = text
	}
	s.Send(e)
}

// find returns the open turn of a request, or nil.
func (s *speechStream) find(id []byte) *turn {
	for _, t := range s.turns {
		if strings.EqualFold(t.of, string(id)) {
			return t
		}
	}
	return nil
}

// end reports the end of a turn, if it is open.
func (s *speechStream) end(f *frame, kind wire.Kind) {
	for i, t := range s.turns {
		if strings.EqualFold(t.of, string(f.request)) {
			s.turns = append(s.turns[:i], s.turns[i+1:]...)
			s.Send(wire.Event{Kind: kind, Of: t.of})
			return
		}
	}
}

func (s *speechStream) received(f *frame) {
	switch {
	case f.is("audio"):
		s.audio(f)
	case f.is("turn.start"):
		if t := s.find(f.request); t != nil {
			s.Send(wire.Event{Kind: wire.Answered, Of: t.of, ID: t.of})
		}
	case f.is("turn.end"):
		s.end(f, wire.Ended)
	case f.is("response"), f.is("audio.metadata"), f.is("ping"):
	default:
		s.NotUnderstood("event")
	}
}

// audio reports a piece of the audio of an open turn. The header of a WAV file is no audio.
func (s *speechStream) audio(f *frame) {
	s.current = s.find(f.request)
	switch {
	case s.current == nil:
	case s.Request.Format.Codec == audioformat.Wave:
		s.current.wav.Read(f.body, s.read)
	default:
		s.send(f.body)
	}
}

func (s *speechStream) send(p []byte) {
	t := s.current
	if len(p) == 0 {
		return
	}
	if !t.isFormatSent {
		t.isFormatSent = true
		format := s.Request.Format
		if t.wav.Is() {
			format = t.wav.Format()
		}
		if format != (wire.Format{}) {
			s.Send(wire.Event{Kind: wire.AudioFormat, Of: t.of, Format: format})
		}
	}
	s.Send(wire.Event{Kind: wire.Audio, Of: t.of, Data: p})
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package elevenlabs

import (
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/synthesis"
)

// The fields of messages for speech. ElevenLabs writes some names in two ways.
const (
	spokenText = iota
	spokenFlush
	spokenContext
	spokenContextID
	spokenCloseContext
	spokenCloseSocket
	spokenKeepAlive
	spokenSettings
	spokenVoice

	spokenAudio
	spokenIsFinal
	spokenFinal
	spokenTurnFinal
	spokenAlignment
	spokenType
	spokenError
	spokenMessage
	spokenCode
)

var (
	spokenSent = fields.NewPlan(
		jsonscan.Field{Path: "text", ID: spokenText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "flush", ID: spokenFlush},
		jsonscan.Field{Path: "context_id", ID: spokenContext},
		jsonscan.Field{Path: "contextId", ID: spokenContextID},
		jsonscan.Field{Path: "close_context", ID: spokenCloseContext},
		jsonscan.Field{Path: "close_socket", ID: spokenCloseSocket},
		jsonscan.Field{Path: "keep_alive", ID: spokenKeepAlive},
		jsonscan.Field{Path: "voice_settings", ID: spokenSettings, Mode: jsonscan.Begin},
		jsonscan.Field{Path: "inputs.*.text", ID: spokenText, Mode: jsonscan.Pieces}, // Of a dialogue.
		jsonscan.Field{Path: "inputs.*.voice_id", ID: spokenVoice},
		jsonscan.Field{Path: "voices.*", ID: spokenVoice},
	)
	spokenReceived = fields.NewPlan(
		jsonscan.Field{Path: "audio", ID: spokenAudio, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "isFinal", ID: spokenIsFinal},
		jsonscan.Field{Path: "is_final", ID: spokenFinal},
		jsonscan.Field{Path: "is_final_audio_for_turn", ID: spokenTurnFinal}, // Of a dialogue, which may have more turns.
		jsonscan.Field{Path: "contextId", ID: spokenContextID},
		jsonscan.Field{Path: "context_id", ID: spokenContext},
		jsonscan.Field{Path: "alignment", ID: spokenAlignment, Mode: jsonscan.Begin},
		jsonscan.Field{Path: "type", ID: spokenType},
		jsonscan.Field{Path: "error", ID: spokenError},
		jsonscan.Field{Path: "message", ID: spokenMessage},
		jsonscan.Field{Path: "code", ID: spokenCode},
	)
)

// spoken decodes /v1/text-to-speech/VOICE/stream-input, which speaks one text for each connection,
// .../multi-stream-input, which speaks one in each context, and the same for dialogues.
type spoken struct {
	connection

	contexts   *synthesis.Contexts
	text       []byte // Of the message that is read. A dialogue has several texts.
	characters int
}

func newSpoken(target *wire.Target, report wire.Report, voice string) *spoken {
	s := &spoken{connection: newConnection(target, wire.TTS, report)}
	s.sent = fields.New(spokenSent, s.value)
	s.received = fields.New(spokenReceived, nil)
	s.contexts = synthesis.NewContexts(&s.Base)
	s.Request.Stream = true
	s.Request.Voice = voice
	s.Request.Model = target.Query.Get("model_id")
	s.Request.Language = target.Query.Get("language_code")
	s.Request.Format = formatOf(target.Query.Get("output_format"))
	return s
}

// value reads a value of a message that is sent.
func (s *spoken) value(v *jsonscan.Value) {
	switch {
	case v.Kind != jsonscan.String:
	case v.Field == spokenText:
		s.text = append(s.text, v.Text...)
		if !v.More {
			s.characters += v.Runes
		}
	case v.Field == spokenVoice && s.Request.Voice == "": // A dialogue has several.
		wire.Set(&s.Request.Voice, v.Text)
	}
}

// Message reads a message.
func (s *spoken) Message(m wire.Message) {
	defer s.release()
	s.text, s.characters = s.text[:0], 0
	f := s.read(m)
	if f == nil {
		return
	}
	context := f.Text(spokenContextID)
	if len(context) == 0 {
		context = f.Text(spokenContext)
	}
	if m.Sent {
		s.ask(f, context)
	} else {
		s.answer(f, context)
	}
}

// ask reads a message that is sent. A provider speaks the rest of a context that is closed if the
// program has asked it to flush the context. It drops text that was not flushed. A message that closes the
// socket flushes all contexts.
func (s *spoken) ask(f *fields.Message, context []byte) {
	switch {
	case f.True(spokenCloseSocket):
	case f.True(spokenCloseContext):
		if x := s.contexts.Find(context); x != nil && !x.IsFlushed {
			s.contexts.Clear(context)
		}
	case f.Has(spokenText):
		s.contexts.Text(context, s.text, s.characters)
		s.flush(f, context)
	case f.Has(spokenFlush):
		s.flush(f, context)
	case f.Has(spokenKeepAlive), f.Has(spokenSettings), f.Has(spokenVoice), f.Has(spokenCloseContext):
	default:
		s.NotUnderstood("event")
	}
}

func (s *spoken) flush(f *fields.Message, context []byte) {
	if f.True(spokenFlush) {
		if x := s.contexts.Find(context); x != nil {
			x.IsFlushed = true
		}
	}
}

// answer reads a message that is received.
func (s *spoken) answer(f *fields.Message, context []byte) {
	isFinal := f.True(spokenIsFinal) || f.True(spokenFinal)
	switch {
	case f.Has(spokenError) || f.Has(spokenCode):
		class := f.Text(spokenError)
		message := f.Text(spokenMessage)
		if !wire.IsClass(class) { // Some errors have a sentence there.
			if len(message) == 0 {
				message = class
			}
			class = f.Text(spokenCode)
		}
		s.contexts.Fail(context, string(class), string(message))
		return
	case f.Has(spokenAudio):
		s.contexts.Audio(context, f.Text(spokenAudio))
	case isFinal, f.Kind(spokenAudio) != 0, f.Has(spokenAlignment):
	case f.Is(spokenType, "flush_done"), f.Kind(spokenIsFinal) != 0, f.Kind(spokenFinal) != 0, f.Kind(spokenTurnFinal) != 0:
	default:
		s.NotUnderstood("event")
	}
	if isFinal {
		s.contexts.End(context)
	}
}

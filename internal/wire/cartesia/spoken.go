// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package cartesia

import (
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/synthesis"
)

// The fields of messages for speech.
const (
	spokenContext = ownFields + iota
	spokenText
	spokenCancel
	spokenModel
	spokenLanguage
	spokenVoice
	spokenContainer
	spokenEncoding
	spokenRate
	spokenFlush
	spokenContinue

	spokenAudio
	spokenDone
)

var (
	spokenSent = fields.NewPlan(
		jsonscan.Field{Path: "context_id", ID: spokenContext},
		jsonscan.Field{Path: "transcript", ID: spokenText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "cancel", ID: spokenCancel},
		jsonscan.Field{Path: "model_id", ID: spokenModel},
		jsonscan.Field{Path: "language", ID: spokenLanguage},
		jsonscan.Field{Path: "voice", ID: spokenVoice},
		jsonscan.Field{Path: "voice.id", ID: spokenVoice},
		jsonscan.Field{Path: "output_format.container", ID: spokenContainer},
		jsonscan.Field{Path: "output_format.encoding", ID: spokenEncoding},
		jsonscan.Field{Path: "output_format.sample_rate", ID: spokenRate},
		jsonscan.Field{Path: "flush", ID: spokenFlush},
		jsonscan.Field{Path: "continue", ID: spokenContinue},
	)
	spokenReceived = received(
		jsonscan.Field{Path: "context_id", ID: spokenContext},
		jsonscan.Field{Path: "data", ID: spokenAudio, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "done", ID: spokenDone},
	)
)

// spoken decodes /tts/websocket. Each context has a request of its own.
type spoken struct {
	connection

	contexts            *synthesis.Contexts
	container, encoding string
	rate                int64
}

func newSpoken(target *wire.Target, report wire.Report) *spoken {
	s := &spoken{connection: newConnection(target, wire.TTS, report)}
	s.sent, s.received = fields.New(spokenSent, nil), fields.New(spokenReceived, nil)
	s.contexts = synthesis.NewContexts(&s.Base)
	return s
}

// Message reads a message.
func (s *spoken) Message(m wire.Message) {
	defer s.release()
	f := s.read(m)
	switch {
	case f == nil:
	case m.Sent:
		s.ask(f)
	default:
		s.answer(f)
	}
}

// ask reads a message that is sent. All messages of a context have the same parameters.
func (s *spoken) ask(f *fields.Message) {
	switch {
	case f.True(spokenCancel):
		s.contexts.Clear(f.Text(spokenContext))
	case f.Has(spokenText):
		s.parameters(f)
		s.contexts.Text(f.Text(spokenContext), f.Text(spokenText), f.Runes(spokenText))
	case f.Has(spokenFlush), f.Has(spokenContinue), f.Has(spokenCancel):
	default:
		s.NotUnderstood("event")
	}
}

func (s *spoken) parameters(f *fields.Message) {
	r := &s.Request
	wire.Set(&r.Model, f.Text(spokenModel))
	wire.Set(&r.Voice, f.Text(spokenVoice))
	if f.Has(spokenModel) && !f.Is(spokenLanguage, r.Language) { // The language is that of this request.
		r.Language = string(f.Text(spokenLanguage))
	}
	isNew := wire.Set(&s.container, f.Text(spokenContainer))
	isNew = wire.Set(&s.encoding, f.Text(spokenEncoding)) || isNew
	if rate, ok := f.Int(spokenRate); ok && rate != s.rate && rate > 0 && rate <= 1_000_000 {
		s.rate, isNew = rate, true
	}
	if isNew {
		r.Format = formatOf(s.container, s.encoding, int(s.rate))
	}
}

// answer reads a message that is received.
func (s *spoken) answer(f *fields.Message) {
	context := f.Text(spokenContext)
	switch {
	case f.Is(messageType, "error"), f.Has(messageError):
		class, message := failure(f)
		s.contexts.Fail(context, class, message)
		return
	case f.Has(spokenAudio):
		s.contexts.Audio(context, f.Text(spokenAudio))
	case f.Is(messageType, "done"):
		s.contexts.End(context)
		return
	case f.Is(messageType, "timestamps"), f.Is(messageType, "phoneme_timestamps"), f.Is(messageType, "flush_done"),
		f.Is(messageType, "chunk"):
	case !f.Has(spokenDone):
		s.NotUnderstood("event")
	}
	if f.True(spokenDone) {
		s.contexts.End(context)
	}
}

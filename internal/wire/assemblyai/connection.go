// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assemblyai

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/recognition"
)

// Connection returns the decoder of a WebSocket, or nil if its path is none that the decoder reads:
// Streaming (/v3/ws) and its predecessor (/v2/realtime/ws).
func Connection(target *wire.Target, report wire.Report) wire.Connection {
	path := strings.TrimSuffix(target.Path, "/")
	if strings.HasSuffix(path, "/v3/ws") || strings.HasSuffix(path, "/v2/realtime/ws") {
		return newStream(target, report)
	}
	return nil
}

// The fields of a message.
const (
	msgType = iota
	msgID
	msgModel
	msgTurn
	msgTurnEnd
	msgTurnConfidence
	msgText
	msgConfidence
	msgLanguage
	msgDuration
	msgTimestamp
	msgError
	msgErrorCode
	msgSilence
	msgSilenceOnce
	msgOperation
	msgWord
	msgWordConfidence
	msgWordStart
	msgWordEnd
)

// msgAudio is audio in base64, which is not held.
const msgAudio = fields.MaxField

var message = fields.NewPlan(
	jsonscan.Field{Path: "type", ID: msgType},
	jsonscan.Field{Path: "id", ID: msgID},
	jsonscan.Field{Path: "configuration.model", ID: msgModel},
	jsonscan.Field{Path: "turn_order", ID: msgTurn},
	jsonscan.Field{Path: "end_of_turn", ID: msgTurnEnd},
	jsonscan.Field{Path: "end_of_turn_confidence", ID: msgTurnConfidence},
	jsonscan.Field{Path: "transcript", ID: msgText, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "language_code", ID: msgLanguage},
	jsonscan.Field{Path: "audio_duration_seconds", ID: msgDuration},
	jsonscan.Field{Path: "timestamp", ID: msgTimestamp},
	jsonscan.Field{Path: "error", ID: msgError},
	jsonscan.Field{Path: "error_code", ID: msgErrorCode},
	jsonscan.Field{Path: "min_turn_silence", ID: msgSilence},
	jsonscan.Field{Path: "min_end_of_turn_silence_when_confident", ID: msgSilenceOnce},
	jsonscan.Field{Path: "words.*.text", ID: msgWord},
	jsonscan.Field{Path: "words.*.confidence", ID: msgWordConfidence},
	jsonscan.Field{Path: "words.*.start", ID: msgWordStart},
	jsonscan.Field{Path: "words.*.end", ID: msgWordEnd},

	// Of /v2/realtime/ws.
	jsonscan.Field{Path: "message_type", ID: msgType},
	jsonscan.Field{Path: "session_id", ID: msgID},
	jsonscan.Field{Path: "text", ID: msgText, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "confidence", ID: msgConfidence},
	jsonscan.Field{Path: "audio_data", ID: msgAudio, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "end_utterance_silence_threshold", ID: msgSilence},
	jsonscan.Field{Path: "terminate_session", ID: msgOperation},
	jsonscan.Field{Path: "force_end_utterance", ID: msgOperation},
)

// stream decodes the transcription of a stream by turns. Offsets are in milliseconds from the start
// of the audio. With format_turns the service sends the end of a turn twice, and the second time with
// punctuation: the first message ends the turn, and the second is not reported.
type stream struct {
	wire.Base

	message   *fields.Message
	input     *recognition.Input
	utterance recognition.Utterance
	hasText   bool // The message has a transcript that is not empty.
	digits    int  // Of the audio in base64.
	isBase64  bool
	id        string
	turn      int64 // The last turn that ended, if one did.
	hasTurn   bool
}

func newStream(target *wire.Target, report wire.Report) *stream {
	s := &stream{Base: wire.NewBase(target, wire.STT, report)}
	if s.Request.Provider == "" {
		s.Request.Provider = "assemblyai"
	}
	s.message = fields.New(message, s.value)
	s.input = recognition.NewInput(&s.Base)
	q := target.Query
	s.Request.Model = q.Get("speech_model")
	if s.Request.Language = q.Get("language_code"); s.Request.Language == "" {
		s.Request.Language = q.Get("language")
	}
	s.Request.Format = wire.Format{Codec: audioformat.PCM}
	if encoding := q.Get("encoding"); encoding != "" {
		s.Request.Format = audioformat.OfName(encoding)
	}
	s.Request.Format.Channels = 1
	if rate, err := strconv.Atoi(q.Get("sample_rate")); err == nil && rate > 0 && rate <= 1_000_000 {
		s.Request.Format.SampleRate = rate
	}
	for _, name := range [...]string{"min_end_of_turn_silence_when_confident", "min_turn_silence"} {
		if f, err := strconv.ParseFloat(q.Get(name), 64); err == nil {
			s.Request.Hangover, _ = recognition.DurationOf(f, time.Millisecond)
		}
	}
	return s
}

// Message reads a message.
func (s *stream) Message(m wire.Message) {
	defer s.message.Release()
	if m.Binary {
		if m.Sent {
			s.input.Read(m.Data)
		} else {
			s.NotUnderstood("content")
		}
		return
	}
	s.Asked()
	s.utterance.Reset()
	s.hasText, s.digits, s.isBase64 = false, 0, true
	if !s.message.Read(m.Data) {
		s.NotUnderstood("json")
		return
	}
	if m.Sent {
		s.sent()
	} else {
		s.received()
	}
}

// Closed reads the end of the connection.
func (s *stream) Closed() { s.Asked() }

func (s *stream) sent() {
	switch kind := string(s.message.Text(msgType)); {
	case s.digits > 0 || !s.isBase64:
		if !s.isBase64 || s.digits%4 == 1 {
			s.NotUnderstood("base64")
			return
		}
		s.input.Skip(s.digits * 3 / 4)
	case kind == "UpdateConfiguration" || kind == "" && s.message.Has(msgSilence):
		s.update()
	case kind == "Terminate", kind == "ForceEndpoint", kind == "KeepAlive", kind == "" && s.message.Has(msgOperation):
	default:
		s.NotUnderstood("event")
	}
}

// update reads parameters that change.
func (s *stream) update() {
	f, ok := s.message.Float(msgSilence)
	if !ok {
		f, ok = s.message.Float(msgSilenceOnce)
	}
	if d, isDuration := recognition.DurationOf(f, time.Millisecond); ok && isDuration && d != s.Request.Hangover {
		s.Request.Hangover = d
		s.Send(wire.Event{Kind: wire.Reopened, Request: &s.Request})
	}
}

func (s *stream) received() {
	switch string(s.message.Text(msgType)) {
	case "Begin", "SessionBegins":
		if wire.Set(&s.id, s.message.Text(msgID)) {
			s.Send(wire.Event{Kind: wire.Answered, ID: s.id, Name: string(s.message.Text(msgModel))})
		}
	case "SpeechStarted":
		f, ok := s.message.Float(msgTimestamp)
		d, isDuration := recognition.DurationOf(f, time.Millisecond)
		s.Send(wire.Event{Kind: wire.SpeechStarted, Speech: wire.Speech{Start: d, End: d, HasOffsets: ok && isDuration}})
	case "Turn":
		s.turnOf()
	case "PartialTranscript":
		s.partial()
	case "FinalTranscript":
		s.final()
	case "Termination", "SessionInformation":
		if f, ok := s.message.Float(msgDuration); ok {
			if d, ok := recognition.DurationOf(f, time.Second); ok && d > 0 {
				s.Send(wire.Event{Kind: wire.Billed, Audio: d})
			}
		}
	case "SessionTerminated", "LLMGatewayResponse", "SpeakerRevision", "Heartbeat", "Warning":
	case "Error":
		s.failed()
	case "":
		if s.message.Has(msgError) {
			s.failed()
			return
		}
		s.NotUnderstood("event")
	default:
		s.NotUnderstood("event")
	}
}

// turnOf reports a message of a turn.
func (s *stream) turnOf() {
	if !s.message.True(msgTurnEnd) {
		s.partial()
		return
	}
	turn, ok := s.message.Int(msgTurn)
	if ok && s.hasTurn && turn == s.turn {
		return
	}
	s.turn, s.hasTurn = turn, ok
	s.final()
}

func (s *stream) partial() {
	if s.utterance.HasText() {
		s.utterance.ReportOf(&s.Base, wire.Partial, "", 0)
	}
}

// final reports a transcript, and that the turn is complete if there are words.
func (s *stream) final() {
	s.utterance.ReportOf(&s.Base, wire.Final, "", 0)
	if s.utterance.HasText() {
		c, ok := s.message.Float(msgTurnConfidence)
		s.Send(wire.Event{Kind: wire.Committed, Speech: wire.Speech{Confidence: c, HasConfidence: ok}})
	}
}

func (s *stream) failed() {
	class := string(s.message.Text(msgErrorCode))
	if class == "" {
		class = "error"
	}
	s.Send(wire.Event{Kind: wire.Failed, Name: class, Text: s.message.Text(msgError)})
}

// value reads a value of a message. At the start of a turn the transcript is empty, because no word
// of it is final: the words are then the transcript.
func (s *stream) value(v *jsonscan.Value) {
	switch v.Field {
	case msgAudio:
		s.base64(v.Text)
	case msgText:
		s.utterance.Text(&s.Base, v)
		s.hasText = s.utterance.HasText()
	case msgWord:
		if s.hasText || v.Kind != jsonscan.String {
			return
		}
		if s.utterance.HasText() {
			s.utterance.Text(&s.Base, &jsonscan.Value{Kind: jsonscan.String, Text: []byte{' '}, Runes: 1})
		}
		s.utterance.Text(&s.Base, v)
	case msgConfidence:
		s.utterance.Confidence(v)
	case msgLanguage:
		if v.Kind == jsonscan.String {
			wire.Set(&s.utterance.Language, v.Text)
		}
	case msgWordConfidence:
		s.utterance.WordConfidence(v)
	case msgWordStart:
		s.utterance.Start(v, time.Millisecond)
	case msgWordEnd:
		s.utterance.End(v, time.Millisecond)
	}
}

// checked is how many characters at the start of a piece of base64 are checked. To check all of them
// takes longer than to read the rest of the message.
const checked = 64

// base64 counts the digits of audio.
func (s *stream) base64(text []byte) {
	for _, c := range text[:min(len(text), checked)] {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '+', c == '/', c == '-', c == '_', c == '=':
		default:
			s.isBase64 = false
		}
	}
	s.digits += len(bytes.TrimRight(text, "="))
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package deepgram

import (
	"strconv"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// The fields of a message of a synthesizer.
const (
	speakPiece = msgFields + iota
	speakBilled
)

var speakMessage = messagePlan(
	jsonscan.Field{Path: "text", ID: speakPiece, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "model_name", ID: msgModel},
	// Of /v2/speak.
	jsonscan.Field{Path: "billable_character_count", ID: speakBilled},
	jsonscan.Field{Path: "metadata.billable_character_count", ID: speakBilled}, // Of SpeechInterrupted.
)

// maxFlushes is how many Flush messages may wait for their Flushed.
const maxFlushes = 32

// speakStream decodes the synthesis of texts that follow each other. A generation is the texts up to a
// Flush, and the audio up to the Flushed that answers it. The audio of generations does not overlap.
// Clear drops all of them; audio that arrives until Cleared is not reported. On /v2/speak the messages
// are Interrupt and SpeechInterrupted, or a Warning if there is nothing to interrupt.
type speakStream struct {
	session

	count   int
	writing string   // The generation that takes text, if one does.
	flushed []string // Those whose Flush was sent, and "" for a Flush without a text.
	last    string   // The one that was complete, or dropped.
	format  string   // The one whose format was reported.
	dropped int      // How many Flush messages were dropped by Clear, which may be answered or not.
	isClear bool     // Clear or Interrupt was sent, and its answer was not received.
}

func newSpeakStream(target *wire.Target, report wire.Report) *speakStream {
	s := &speakStream{session: newSession(target, wire.TTS, report)}
	s.message = fields.New(speakMessage, nil)
	q := target.Query
	s.Request.Model = q.Get("model")
	s.Request.Format = formatOfStream(q.Get("encoding"), positive(q.Get("sample_rate")))
	return s
}

// formatOfStream returns the format of an encoding, which is PCM unless the program names another.
func formatOfStream(encoding string, rate int) wire.Format {
	if encoding == "" {
		encoding = "linear16"
	}
	return formatOf(encoding, rate)
}

// Message reads a message.
func (s *speakStream) Message(m wire.Message) {
	defer s.message.Release()
	switch {
	case m.Binary && m.Sent:
		s.NotUnderstood("content")
	case m.Binary:
		s.audio(m.Data)
	case !s.read(m.Data):
	case m.Sent:
		s.sent()
	default:
		s.received()
	}
}

// Closed reads the end of the connection.
func (s *speakStream) Closed() {}

func (s *speakStream) sent() {
	switch string(s.message.Text(msgType)) {
	case "Speak":
		s.speak()
	case "Flush":
		if len(s.flushed) == maxFlushes {
			s.flushed = append(s.flushed[:0], s.flushed[1:]...)
		}
		s.flushed = append(s.flushed, s.writing)
		s.writing = ""
	case "Clear", "Reset", "Interrupt": // Reset is the older name.
		s.clear()
	case "Close", "KeepAlive", "Configure":
	default:
		s.NotUnderstood("event")
	}
}

// speak reports a piece of text, and before the first one the generation.
func (s *speakStream) speak() {
	characters := s.message.Runes(speakPiece)
	if characters == 0 {
		return
	}
	if s.writing == "" {
		s.count++
		s.writing = strconv.Itoa(s.count)
		s.Send(wire.Event{Kind: wire.Requested, Of: s.writing, Request: &s.Request})
		s.identified(s.writing)
	}
	e := wire.Event{Kind: wire.TextSent, Of: s.writing, Characters: characters}
	if s.Target.Content {
		e.Text = s.message.Text(speakPiece)
	}
	s.Send(e)
}

// identified reports the ID of the connection and the model of a generation, if they are known.
func (s *speakStream) identified(of string) {
	if s.id != "" || s.model != "" {
		s.Send(wire.Event{Kind: wire.Answered, Of: of, ID: s.id, Name: s.model})
	}
}

// clear reports that the open generations are dropped. If all were complete, it is the last one,
// whose audio the program does not play to its end.
func (s *speakStream) clear() {
	isOpen := false
	for _, of := range append(s.flushed, s.writing) {
		if of != "" {
			isOpen = true
			s.Send(wire.Event{Kind: wire.Cleared, Of: of})
			s.last = of
		}
	}
	if !isOpen && s.last != "" {
		s.Send(wire.Event{Kind: wire.Cleared, Of: s.last})
	}
	s.dropped += len(s.flushed)
	s.flushed, s.writing, s.isClear = s.flushed[:0], "", true
}

func (s *speakStream) received() {
	switch string(s.message.Text(msgType)) {
	case "Metadata", "Connected":
		if s.identify() && s.current() != "" {
			s.identified(s.current())
		}
	case "Flushed":
		s.complete()
	case "Cleared":
		s.isClear, s.dropped = false, 0
	case "SpeechMetadata":
		of := s.current()
		if of == "" {
			of = s.last
		}
		s.billed(of)
	case "SpeechInterrupted":
		s.isClear, s.dropped = false, 0
		s.billed(s.last)
	case "Error":
		s.failed(s.current())
	case "Warning": // The audio goes on after a warning.
		if s.message.Is(msgCode, "NO_AUDIO_GENERATED") || s.message.Is(msgCode, "INVALID_INTERRUPT_OFFSET") {
			s.isClear = false // Interrupt was ignored.
		}
	case "SpeechStarted", "SessionMetadata", "ConfigureSuccess", "ConfigureFailure":
	default:
		s.NotUnderstood("event")
	}
}

// billed reports the characters that are billed for a generation.
func (s *speakStream) billed(of string) {
	if n, ok := s.message.Int(speakBilled); ok && n > 0 && n < 1<<31 {
		s.Send(wire.Event{Kind: wire.Billed, Of: of, Characters: int(n)})
	}
}

// complete reads that a generation is complete.
func (s *speakStream) complete() {
	if s.dropped > 0 {
		s.dropped--
		return
	}
	s.isClear = false
	if len(s.flushed) == 0 {
		return
	}
	of := s.flushed[0]
	s.flushed = append(s.flushed[:0], s.flushed[1:]...)
	if of != "" {
		s.last = of
		s.Send(wire.Event{Kind: wire.Ended, Of: of})
	}
}

// current returns the generation that audio belongs to, or "".
func (s *speakStream) current() string {
	for _, of := range s.flushed {
		if of != "" {
			return of
		}
	}
	return s.writing
}

// audio reports a piece of audio. Audio without an open generation belongs to the last one.
func (s *speakStream) audio(p []byte) {
	if s.isClear || len(p) == 0 {
		return
	}
	of := s.current()
	if of == "" {
		of = s.last
	}
	if of != s.format || s.format == "" {
		s.format = of
		s.Send(wire.Event{Kind: wire.AudioFormat, Of: of, Format: s.Request.Format})
	}
	s.Send(wire.Event{Kind: wire.Audio, Of: of, Data: p})
}

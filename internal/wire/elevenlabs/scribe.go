// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package elevenlabs

import (
	"strconv"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/payload"
	"github.com/voice-agents/telemetry/internal/wire/recognition"
)

// The fields of messages of a transcription.
const (
	scribeType = iota
	scribeAudio
	scribeRate

	scribeText
	scribeLanguage
	scribeStart
	scribeEnd
	scribeLogprob
	scribeSession
	scribeFormat
	scribeModel
	scribeSilence
	scribeStrategy
	scribeError
	scribeMessage
)

var (
	scribeSent = fields.NewPlan(
		jsonscan.Field{Path: "message_type", ID: scribeType},
		jsonscan.Field{Path: "audio_base_64", ID: scribeAudio, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "sample_rate", ID: scribeRate},
	)
	scribeReceived = fields.NewPlan(
		jsonscan.Field{Path: "message_type", ID: scribeType},
		jsonscan.Field{Path: "text", ID: scribeText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "language_code", ID: scribeLanguage},
		jsonscan.Field{Path: "words.*.start", ID: scribeStart},
		jsonscan.Field{Path: "words.*.end", ID: scribeEnd},
		jsonscan.Field{Path: "words.*.logprob", ID: scribeLogprob},
		jsonscan.Field{Path: "session_id", ID: scribeSession},
		jsonscan.Field{Path: "config.audio_format", ID: scribeFormat},
		jsonscan.Field{Path: "config.model_id", ID: scribeModel},
		jsonscan.Field{Path: "config.language_code", ID: scribeLanguage},
		jsonscan.Field{Path: "config.vad_silence_threshold_secs", ID: scribeSilence},
		jsonscan.Field{Path: "config.vad_commit_strategy", ID: scribeStrategy},
		jsonscan.Field{Path: "config.commit_strategy", ID: scribeStrategy},
		jsonscan.Field{Path: "error", ID: scribeError},
		jsonscan.Field{Path: "message", ID: scribeMessage},
	)
)

// scribe decodes /v1/speech-to-text/realtime. With the commit strategy "vad" the provider decides when the
// user's turn is complete. With "manual", the default, the program commits as often as it likes, also
// in the middle of a turn, so that Committed is not reported.
type scribe struct {
	connection

	utterance recognition.Utterance
	isVAD     bool
	// isTimed is true if the program asked for transcripts with timestamps, which follow those
	// without. Some models send both to all programs.
	isTimed   bool
	isPlain   bool // The last segment was reported, and its transcript with timestamps may follow.
	waits     bool // The last segment was not reported: its transcript with timestamps is to follow.
	text      []byte
	size      int // Of the segment that waits, in code points.
	hasFormat bool
}

func newScribe(target *wire.Target, report wire.Report) *scribe {
	s := &scribe{connection: newConnection(target, wire.STT, report)}
	s.sent = fields.New(scribeSent, nil)
	s.received = fields.New(scribeReceived, s.value)
	q := target.Query
	s.Request.Stream = true
	s.Request.Model = q.Get("model_id")
	s.Request.Language = q.Get("language_code")
	format := q.Get("audio_format")
	s.hasFormat = format != ""
	if !s.hasFormat {
		format = "pcm_16000"
	}
	s.Request.Format = formatOf(format)
	s.isVAD = q.Get("commit_strategy") == "vad"
	s.isTimed = isTrue(q.Get("include_timestamps")) || isTrue(q.Get("include_language_detection"))
	if seconds, err := strconv.ParseFloat(q.Get("vad_silence_threshold_secs"), 64); err == nil {
		s.setHangover(seconds)
	}
	return s
}

func isTrue(text string) bool { return strings.EqualFold(text, "true") || text == "1" }

func (s *scribe) setHangover(seconds float64) {
	if s.isVAD && seconds > 0 && seconds < 60 {
		s.Request.Hangover = time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
	}
}

// value reads a value of a transcript.
func (s *scribe) value(v *jsonscan.Value) {
	switch v.Field {
	case scribeStart:
		s.utterance.Start(v, time.Second)
	case scribeEnd:
		s.utterance.End(v, time.Second)
	case scribeLogprob:
		s.utterance.Logprob(v)
	}
}

// Message reads a message.
func (s *scribe) Message(m wire.Message) {
	defer s.release()
	s.utterance.Reset()
	f := s.read(m)
	switch {
	case f == nil:
	case m.Sent:
		s.ask(f)
	default:
		s.answer(f)
	}
}

// ask reads a message that is sent.
func (s *scribe) ask(f *fields.Message) {
	switch {
	case f.Has(scribeAudio):
		if rate, ok := f.Int(scribeRate); ok && !s.hasFormat && !s.IsAsked() && rate > 0 && rate <= 1_000_000 {
			s.Request.Format = wire.Format{Codec: audioformat.PCM, SampleRate: int(rate), Channels: 1}
		}
		s.Asked()
		if size := payload.Size(f.Text(scribeAudio)); size > 0 {
			s.Send(wire.Event{Kind: wire.UserAudio, Audio: payload.Duration(s.Request.Format, size)})
		}
	case f.Is(scribeType, "commit"), f.Is(scribeType, "input_audio_chunk"):
	default:
		s.NotUnderstood("event")
	}
}

// answer reads a message that is received.
func (s *scribe) answer(f *fields.Message) {
	switch kind := f.Text(scribeType); string(kind) {
	case "session_started":
		s.start(f)
	case "partial_transcript", "final_transcript", "final_transcript_with_timestamps":
		// A segment that is final is committed later, with the same text.
		s.Send(wire.Event{Kind: wire.Partial, Text: s.content(f.Text(scribeText)), Characters: f.Runes(scribeText)})
	case "committed_transcript":
		s.flush()
		if s.isTimed {
			s.waits, s.size = true, f.Runes(scribeText)
			s.text = append(s.text[:0], s.content(f.Text(scribeText))...)
		} else {
			s.isPlain = true
			s.report(f.Text(scribeText), f.Runes(scribeText), wire.Speech{})
		}
	case "committed_transcript_with_timestamps":
		isReported := s.isPlain
		s.isPlain, s.waits = false, false
		if !isReported {
			s.utterance.Language = string(f.Text(scribeLanguage))
			s.report(f.Text(scribeText), f.Runes(scribeText), s.utterance.Speech())
		}
	case "committed_transcript_entities":
	case "commit_throttled": // The audio waits for the next commit.
		s.Send(wire.Event{Kind: wire.Refused, Name: string(kind)})
	default:
		if !f.Has(scribeError) && !strings.HasSuffix(string(kind), "error") {
			s.NotUnderstood("event")
			return
		}
		message := f.Text(scribeError)
		if len(message) == 0 {
			message = f.Text(scribeMessage)
		}
		s.Send(wire.Event{Kind: wire.Failed, Name: string(kind), Text: message})
	}
}

func (s *scribe) start(f *fields.Message) {
	if !s.IsAsked() {
		wire.Set(&s.Request.Model, f.Text(scribeModel))
		wire.Set(&s.Request.Language, f.Text(scribeLanguage))
		if f.Has(scribeFormat) {
			s.Request.Format = formatOf(string(f.Text(scribeFormat)))
		}
		s.isVAD = s.isVAD || f.Is(scribeStrategy, "vad")
		if seconds, ok := f.Float(scribeSilence); ok {
			s.setHangover(seconds)
		}
		s.Asked()
	}
	s.Send(wire.Event{Kind: wire.Answered, ID: string(f.Text(scribeSession)), Name: string(f.Text(scribeModel))})
}

// report reports the transcript of a segment.
func (s *scribe) report(text []byte, characters int, speech wire.Speech) {
	if characters == 0 { // The provider sends a confidence and offsets of silence.
		speech.HasConfidence, speech.Confidence = false, 0
	}
	s.Send(wire.Event{Kind: wire.Final, Text: s.content(text), Characters: characters, Speech: speech})
	if s.isVAD {
		s.Send(wire.Event{Kind: wire.Committed})
	}
}

// flush reports a segment whose timestamps did not arrive.
func (s *scribe) flush() {
	if s.waits {
		s.waits = false
		s.report(s.text, s.size, wire.Speech{})
	}
	s.isPlain = false
}

// content returns a text if the target has content.
func (s *scribe) content(text []byte) []byte {
	if !s.Target.Content {
		return nil
	}
	return text
}

// Closed reads the end of the connection.
func (s *scribe) Closed() { s.flush() }

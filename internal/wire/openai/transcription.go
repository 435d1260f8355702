// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/errorbody"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/multipart"
	"github.com/voice-agents/telemetry/internal/wire/transcript"
)

// The fields of a transcription, and of the events of its stream.
const (
	textWhole = iota
	textDelta
	textType
	textID
	textModel
	textLanguage
	textLanguages
	textDuration
	textSegment
	textStart
	textEnd
	textLogprob
	textTokenLogprob
	textEventStart
	textEventEnd
)

var textResponse = errorbody.Plan(append(
	usageFields("usage"),
	jsonscan.Field{Path: "", ID: textWhole, Mode: jsonscan.Pieces}, // Some servers send a JSON string.
	jsonscan.Field{Path: "text", ID: textWhole, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "delta", ID: textDelta, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "choices.*.delta.content", ID: textDelta, Mode: jsonscan.Pieces}, // Of vLLM.
	jsonscan.Field{Path: "type", ID: textType},
	jsonscan.Field{Path: "id", ID: textID}, // Of vLLM.
	jsonscan.Field{Path: "model", ID: textModel},
	jsonscan.Field{Path: "x_groq.id", ID: textID},
	jsonscan.Field{Path: "language", ID: textLanguage},
	jsonscan.Field{Path: "languages.*.code", ID: textLanguages}, // Of gpt-transcribe.
	jsonscan.Field{Path: "audio_language", ID: textLanguage},    // Of Mistral's stream.
	jsonscan.Field{Path: "duration", ID: textDuration},
	jsonscan.Field{Path: "segments.*", ID: textSegment, Mode: jsonscan.Begin},
	jsonscan.Field{Path: "segments.*.start", ID: textStart},
	jsonscan.Field{Path: "segments.*.end", ID: textEnd},
	jsonscan.Field{Path: "segments.*.avg_logprob", ID: textLogprob},
	jsonscan.Field{Path: "logprobs.*.logprob", ID: textTokenLogprob},
	jsonscan.Field{Path: "start", ID: textEventStart},
	jsonscan.Field{Path: "end", ID: textEventEnd},
)...)

// transcription decodes a transcription or a translation.
type transcription struct {
	exchange

	form    *multipart.Scanner // Nil if the request is no form.
	wav     audioformat.WAV
	cues    *transcript.Cues // Nil if the response is not a text.
	isCoded bool             // The text is compressed.
	format  string           // The format of the response that was asked for.

	id, model string
	isNew     bool
	usage     usageReader
	isFinal   bool // Final was reported.

	// Of the answer.
	heard    transcript.Transcript
	language string
	duration time.Duration
	billed   time.Duration

	// Of the current document.
	kind             [40]byte // The type of the event.
	kindSize         int
	hasWhole, hasNew bool // It has a text, or a delta.
	segment          transcript.Segment
	evented          transcript.Segment // The segment that an event is.
}

func newTranscription(target *wire.Target, report wire.Report) *transcription {
	t := &transcription{exchange: newExchange(target, wire.STT, report)}
	t.heard.Keep = target.Content
	t.form = multipart.NewScanner(target.Header.Get("Content-Type"), (*form)(t))
	t.body = body.NewReader(textResponse, t)
	return t
}

// A form receives the parts of the request.
type form transcription

// File reads a piece of the audio.
func (f *form) File(part *multipart.Part, p []byte) {
	if part.Name != "file" {
		return
	}
	f.Request.AudioSize = part.Size
	f.wav.Read(p, nil)
	if f.Request.Format.Codec == "" {
		f.Request.Format = audioformat.OfContentType(part.ContentType)
		if f.Request.Format.Codec == "" {
			f.Request.Format = audioformat.OfFile(part.FileName)
		}
	}
}

// End reads a field.
func (f *form) End(part *multipart.Part) {
	value := string(part.Value)
	switch part.Name {
	case "model":
		f.Request.Model = value
	case "language":
		f.Request.Language = value
	case "response_format":
		f.format = value
	case "stream":
		f.Request.Stream = strings.EqualFold(value, "true") || value == "1"
	case "temperature":
		v := jsonscan.Value{Kind: jsonscan.Number, Text: part.Value}
		f.Request.Temperature = v.Float()
	}
}

// Sent reads a piece of the request.
func (t *transcription) Sent(p []byte) {
	if !t.IsAsked() && t.form != nil {
		t.form.Scan(p)
	}
}

// SentAll reports the request.
func (t *transcription) SentAll() {
	t.request(true)
}

// request reports the request. isWhole is true if all of it was read.
func (t *transcription) request(isWhole bool) {
	if t.IsAsked() {
		return
	}
	if t.wav.Is() {
		t.Request.Format, t.Request.Audio = t.wav.Format(), t.wav.Duration()
	}
	t.ask()
	switch {
	case t.form == nil:
		t.NotUnderstood("content")
	case isWhole && !t.form.Complete():
		t.NotUnderstood("form")
	}
}

// Answered begins to read the response.
func (t *transcription) Answered(status int, h http.Header) {
	t.request(false)
	_, mediaType, _ := body.ContentOf(h)
	isText := strings.HasPrefix(mediaType, "text/") && mediaType != "text/event-stream" && mediaType != "text/html" || mediaType == "application/x-subrip"
	if status < 300 && isText {
		t.cues = transcript.NewCues(&t.heard, t.format == "srt" || t.format == "vtt")
	}
	t.begin(status, h)
	if e := strings.ToLower(h.Get("Content-Encoding")); t.cues != nil && e != "" && e != "identity" {
		t.isCoded = true
	}
}

// Received reads a piece of the response.
func (t *transcription) Received(p []byte) {
	switch {
	case t.isCoded: // begin reported it.
	case t.cues != nil:
		t.cues.Scan(p)
	default:
		t.body.Read(p)
	}
}

// ReceivedAll reports the transcript of a text, and of a stream that did not report it as a whole.
func (t *transcription) ReceivedAll() {
	switch {
	case t.isCoded:
	case t.cues != nil:
		t.cues.End()
		t.final()
	default:
		t.body.End()
		if t.isEvent && t.heard.Size() > 0 {
			t.final()
		}
	}
}

// Done reports the end of vLLM's stream, whose transcript is the deltas.
func (t *transcription) Done() {
	if t.heard.Size() > 0 {
		t.final()
	}
	t.end()
}

// Value reads a value of the response.
func (t *transcription) Value(v *jsonscan.Value) {
	switch v.Field {
	case textWhole:
		t.whole(v)
	case textDelta:
		if v.Kind == jsonscan.String && len(v.Text) > 0 {
			t.hasNew = true
			t.heard.Add(v.Text)
		}
	case textType:
		t.kindSize = copy(t.kind[:], v.Text)
	case textID:
		t.isNew = set(&t.id, v.Text) || t.isNew
	case textModel:
		t.isNew = set(&t.model, v.Text) || t.isNew
	case textLanguage:
		if v.Kind == jsonscan.String {
			t.language = transcript.LanguageTag(string(v.Text))
		}
	case textLanguages:
		if v.Index[0] == 0 && v.Kind == jsonscan.String {
			t.language = transcript.LanguageTag(string(v.Text))
		}
	case textDuration:
		t.duration = seconds(v)
	case textSegment:
		t.heard.EndSegment(&t.segment)
	case textStart:
		t.segment.SetStart(seconds(v))
	case textEnd:
		t.segment.End = seconds(v)
	case textLogprob:
		t.segment.LogProb = v.Float()
	case textTokenLogprob:
		t.heard.AddToken(v.Float())
	case textEventStart:
		t.evented.SetStart(seconds(v))
	case textEventEnd:
		t.evented.End = seconds(v)
	default:
		if !t.usage.read(v) {
			t.failure.Read(v, t.status)
		}
	}
}

// event returns the type of the current event.
func (t *transcription) event() []byte {
	if t.kindSize > 0 {
		return t.kind[:t.kindSize]
	}
	return t.body.Event()
}

// whole reads a piece of the whole text. Mistral's deltas are a text, too, and the segments of a
// stream are parts of what its deltas hold.
func (t *transcription) whole(v *jsonscan.Value) {
	if v.Kind != jsonscan.String {
		return
	}
	switch string(t.event()) {
	case "transcript.text.segment", "transcription.segment":
		return
	case "transcription.text.delta":
		t.hasNew = t.hasNew || len(v.Text) > 0
	default:
		if !t.hasWhole {
			t.hasWhole = true
			t.heard.Reset()
		}
	}
	t.heard.Add(v.Text)
}

// Document reports what the whole document says.
func (t *transcription) Document([]byte) {
	t.heard.EndSegment(&t.segment)
	if string(t.event()) == "transcript.text.segment" || string(t.event()) == "transcription.segment" {
		t.heard.EndSegment(&t.evented)
	}
	t.evented = transcript.Segment{}
	if t.isNew {
		t.isNew = false
		t.Send(wire.Event{Kind: wire.Answered, ID: t.id, Name: t.model})
	}
	if t.hasNew {
		t.Send(wire.Event{Kind: wire.Partial, Text: t.heard.Text()})
	}
	isDone := string(t.event()) == "transcript.text.done" || string(t.event()) == "transcription.done"
	t.used()
	if t.hasWhole && t.status < 300 {
		t.final()
	}
	if isDone {
		t.end()
	}
	t.failure.IsDocument = t.failure.IsDocument || string(t.event()) == "error"
	t.fail()
	t.kindSize, t.hasWhole, t.hasNew = 0, false, false
}

// final reports the transcript once, and not after an error.
func (t *transcription) final() {
	if t.isFinal || t.failed != nil {
		return
	}
	t.isFinal = true
	speech := t.heard.Speech()
	speech.Language = t.language
	t.Send(wire.Event{Kind: wire.Final, Text: t.heard.Text(), Speech: speech, Audio: t.duration})
	if t.billed == 0 && t.duration > 0 {
		t.Send(wire.Event{Kind: wire.Billed, Audio: t.duration})
	}
}

// used reports the usage of a document: by tokens, by the duration of audio, or by both, as of Mistral.
func (t *transcription) used() {
	if billed := transcript.Seconds(t.usage.seconds); billed > 0 && billed != t.billed {
		t.billed = billed
		t.Send(wire.Event{Kind: wire.Billed, Audio: billed})
	}
	t.usage.end(&t.Base)
}

// seconds reads a duration: a number or, of whisper-1, a text. It is 0 if it is none.
func seconds(v *jsonscan.Value) time.Duration {
	if v.Kind != jsonscan.Number && v.Kind != jsonscan.String {
		return 0
	}
	n, err := strconv.ParseFloat(string(v.Text), 64)
	if err != nil {
		return 0
	}
	return transcript.Seconds(n)
}

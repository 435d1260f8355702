// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package azurespeech

import (
	"bytes"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	stt "github.com/voice-agents/telemetry/internal/wire/recognition"
)

// The fields of a message of a recogniser.
const (
	phraseStatus = iota
	phraseText
	phraseBest
	phraseOffset
	phraseDuration
	phraseConfidence
	phraseLanguage
	contextSilence
)

var phrasePlan = fields.NewPlan(
	jsonscan.Field{Path: "RecognitionStatus", ID: phraseStatus},
	jsonscan.Field{Path: "DisplayText", ID: phraseText, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "Text", ID: phraseText, Mode: jsonscan.Pieces}, // Of hypotheses and translations.
	jsonscan.Field{Path: "NBest.*.Display", ID: phraseBest, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "NBest.*.Confidence", ID: phraseConfidence},
	jsonscan.Field{Path: "Offset", ID: phraseOffset},
	jsonscan.Field{Path: "Duration", ID: phraseDuration},
	jsonscan.Field{Path: "PrimaryLanguage.Language", ID: phraseLanguage},
	jsonscan.Field{Path: "phraseDetection.*.segmentation.segmentationSilenceTimeoutMs", ID: contextSilence},
)

// A request is a part of the connection's audio that the service recognises as one stream. Its offsets
// count from the start of that part.
type request struct {
	id    string
	start time.Duration // In the connection's audio.
}

// recognitionStream decodes the recognition of a stream. A phrase with words ends the user's turn: the
// service takes it as ended after some silence. One connection has any number of requests, one after
// the other: the SDKs begin another one when the service ends a request, and send the audio again
// that was not recognised.
type recognitionStream struct {
	wire.Base

	message     *fields.Message
	input       *stt.Input
	utterance   stt.Utterance
	isBest      bool // The transcript is that of the first alternative.
	now, before request
}

func newRecognitionStream(target *wire.Target, report wire.Report) *recognitionStream {
	r := &recognitionStream{Base: newBase(target, wire.STT, report)}
	r.message = fields.New(phrasePlan, r.value)
	r.input = stt.NewInput(&r.Base)
	r.Request.Language = target.Query.Get("language")
	return r
}

// Message reads a message.
func (r *recognitionStream) Message(m wire.Message) {
	defer r.message.Release()
	f, ok := newFrame(m)
	switch {
	case !ok:
		r.NotUnderstood("event")
	case m.Sent:
		r.sent(&f)
	default:
		r.Asked()
		r.received(&f)
	}
}

// Closed reads the end of the connection.
func (r *recognitionStream) Closed() { r.Asked() }

func (r *recognitionStream) sent(f *frame) {
	switch {
	case f.is("audio"):
		r.audio(f)
	case f.is("speech.context"):
		if !r.read(f) {
			return
		}
		n, ok := r.message.Float(contextSilence)
		if d, isDuration := stt.DurationOf(n, time.Millisecond); ok && isDuration && d != r.Request.Hangover {
			r.Request.Hangover = d
			if r.IsAsked() {
				r.Send(wire.Event{Kind: wire.Reopened, Request: &r.Request})
			}
		}
	case f.is("speech.config"), f.is("telemetry"), f.is("speech.event"), f.is("event"), f.is("agent.config"), f.is("ping"):
	default:
		r.NotUnderstood("event")
	}
}

// audio reads a piece of the audio. A piece without bytes is the end of a request's audio.
func (r *recognitionStream) audio(f *frame) {
	if len(f.request) > 0 && !strings.EqualFold(r.now.id, string(f.request)) {
		r.before = r.now
		r.now = request{id: string(f.request), start: r.input.Sent()}
	}
	switch {
	case len(f.body) == 0:
	case bytes.HasPrefix(f.body, []byte("RIFF")): // The header that begins a request's audio.
		r.input.BeginFile()
		r.input.ReadFile(f.body)
	default:
		if r.Request.Format.Codec == "" && len(f.contentType) > 0 {
			r.Request.Format = audioformat.OfContentType(string(f.contentType))
		}
		r.input.Read(f.body)
	}
}

func (r *recognitionStream) read(f *frame) bool {
	r.utterance.Reset()
	r.isBest = false
	if !r.message.Read(f.body) {
		r.NotUnderstood("json")
		return false
	}
	return true
}

func (r *recognitionStream) received(f *frame) {
	switch {
	case f.is("turn.start"):
		if len(f.request) > 0 {
			r.Send(wire.Event{Kind: wire.Answered, ID: string(f.request)})
		}
	case f.is("turn.end"), f.is("speech.keyword"), f.is("translation.synthesis"), f.is("translation.synthesis.end"), f.is("audio"),
		f.is("audio.end"), f.is("ping"):
	case f.is("speech.startDetected"):
		r.moment(f, wire.SpeechStarted)
	case f.is("speech.endDetected"):
		r.moment(f, wire.SpeechStopped)
	case f.is("speech.hypothesis"), f.is("speech.fragment"), f.is("translation.hypothesis"):
		if r.read(f) && r.utterance.HasText() {
			r.report(f, wire.Partial)
		}
	case f.is("speech.phrase"), f.is("translation.phrase"):
		if r.read(f) {
			r.phrase(f)
		}
	default:
		r.NotUnderstood("event")
	}
}

// phrase reports a transcript. It is empty if no speech was recognised: after "NoMatch",
// "InitialSilenceTimeout" and "BabbleTimeout".
func (r *recognitionStream) phrase(f *frame) {
	switch status := string(r.message.Text(phraseStatus)); status {
	case "Success":
		r.report(f, wire.Final)
		if r.utterance.HasText() {
			r.Send(wire.Event{Kind: wire.Committed})
		}
	case "NoMatch", "InitialSilenceTimeout", "BabbleTimeout":
		r.report(f, wire.Final)
	case "EndOfDictation":
	case "":
		r.NotUnderstood("event")
	default: // "Error", "TooManyRequests", "Forbidden".
		r.Send(wire.Event{Kind: wire.Failed, Name: status})
	}
}

func (r *recognitionStream) report(f *frame, kind wire.Kind) {
	if start, ok := r.offset(f); ok && r.utterance.HasText() {
		length, _ := r.ticks(phraseDuration)
		r.utterance.Offsets(start, start+length)
	}
	r.utterance.ReportOf(&r.Base, kind, "", 0)
}

// moment reports that speech started or stopped.
func (r *recognitionStream) moment(f *frame, kind wire.Kind) {
	if !r.read(f) {
		return
	}
	d, ok := r.offset(f)
	r.Send(wire.Event{Kind: kind, Speech: wire.Speech{Start: d, End: d, HasOffsets: ok}})
}

// offset returns where in the connection's audio the message's offset is.
func (r *recognitionStream) offset(f *frame) (time.Duration, bool) {
	d, ok := r.ticks(phraseOffset)
	if !ok {
		return 0, false
	}
	if r.before.id != "" && strings.EqualFold(r.before.id, string(f.request)) {
		return r.before.start + d, true
	}
	return r.now.start + d, true
}

// ticks returns a field that is a time in units of 100 ns.
func (r *recognitionStream) ticks(field int) (time.Duration, bool) {
	n, ok := r.message.Float(field)
	if !ok || n < 0 || n > maxTicks {
		return 0, false
	}
	return time.Duration(n) * tick, true
}

// value reads a value of a message. The alternatives are sorted by their confidence.
func (r *recognitionStream) value(v *jsonscan.Value) {
	switch v.Field {
	case phraseText:
		if !r.isBest {
			r.utterance.Text(&r.Base, v)
		}
	case phraseBest:
		if v.Index[0] == 0 && (r.isBest || !r.utterance.HasText()) {
			r.isBest = true
			r.utterance.Text(&r.Base, v)
		}
	case phraseConfidence:
		if v.Index[0] == 0 {
			r.utterance.Confidence(v)
		}
	case phraseLanguage:
		if v.Kind == jsonscan.String {
			wire.Set(&r.utterance.Language, v.Text)
		}
	}
}

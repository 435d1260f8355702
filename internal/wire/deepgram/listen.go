// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package deepgram

import (
	"net/http"
	"strconv"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/recognition"
)

// The fields of a transcription.
const (
	listenModel = iota
	listenDuration
	listenChannel
	listenText
	listenConfidence
	listenStart
	listenEnd
	listenDetected
	listenLanguage
)

var listenResponse = plan(
	jsonscan.Field{Path: "metadata.request_id", ID: requestID},
	jsonscan.Field{Path: "metadata.duration", ID: listenDuration},
	jsonscan.Field{Path: "metadata.model_info.*.name", ID: listenModel},
	jsonscan.Field{Path: "results.channels.*", ID: listenChannel, Mode: jsonscan.Begin},
	jsonscan.Field{Path: "results.channels.*.detected_language", ID: listenDetected},
	jsonscan.Field{Path: "results.channels.*.alternatives.*.transcript", ID: listenText, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "results.channels.*.alternatives.*.confidence", ID: listenConfidence},
	jsonscan.Field{Path: "results.channels.*.alternatives.*.languages.*", ID: listenLanguage}, // Of the language "multi".
	jsonscan.Field{Path: "results.channels.*.alternatives.*.words.*.start", ID: listenStart},
	jsonscan.Field{Path: "results.channels.*.alternatives.*.words.*.end", ID: listenEnd},
)

// listen decodes the transcription of recorded audio: a body of audio, or of JSON with the URL of
// the audio.
type listen struct {
	exchange

	isURL     bool // The body is JSON.
	sent      recognition.Audio
	duration  time.Duration
	utterance recognition.Utterance
	isFinal   bool // A transcript was reported.
}

func newListen(target *wire.Target, report wire.Report) *listen {
	l := &listen{exchange: exchange{Base: wire.NewBase(target, wire.STT, report)}}
	l.body = body.NewReader(listenResponse, l)
	content, _, _ := body.ContentOf(target.Header)
	l.isURL = content == body.JSON
	if !l.isURL {
		l.sent.SetContentType(target.Header.Get("Content-Type"))
	}
	q := target.Query
	l.Request.Model = q.Get("model")
	if l.Request.Language = q.Get("language"); l.Request.Language == "multi" {
		l.Request.Language = ""
	}
	if encoding := q.Get("encoding"); encoding != "" {
		l.Request.Format = audioformat.OfName(encoding)
	}
	if rate := positive(q.Get("sample_rate")); rate > 0 {
		l.Request.Format.SampleRate = rate
	}
	if channels := positive(q.Get("channels")); channels > 0 {
		l.Request.Format.Channels = channels
	}
	return l
}

// positive reads a number of 1 to 1e6. It is 0 if the text is none.
func positive(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1_000_000 {
		return 0
	}
	return n
}

// Sent reads a piece of the audio.
func (l *listen) Sent(p []byte) {
	if !l.isURL && !l.IsAsked() {
		l.sent.Read(p)
	}
}

// SentAll reports the request.
func (l *listen) SentAll() {
	if !l.IsAsked() {
		l.sent.Fill(&l.Request)
		l.Asked()
	}
}

// Answered begins to read the response.
func (l *listen) Answered(status int, h http.Header) {
	l.SentAll()
	l.answered(status, h, body.JSON)
}

// Value reads a value of the response. Alternatives behind the first are not read.
func (l *listen) Value(v *jsonscan.Value) {
	isOther := v.Index[1] > 0
	switch v.Field {
	case listenModel: // Models that summarise, for example, follow that of the transcript.
		if l.model == "" {
			l.isNew = wire.Set(&l.model, v.Text) || l.isNew
		}
	case listenDuration:
		if d, ok := recognition.Duration(v, time.Second); ok {
			l.duration = d
		}
	case listenChannel:
		l.endChannel()
	case listenText:
		if !isOther {
			l.utterance.Text(&l.Base, v)
		}
	case listenConfidence:
		if !isOther {
			l.utterance.Confidence(v)
		}
	case listenLanguage:
		if !isOther && v.Index[2] == 0 && v.Kind == jsonscan.String && l.utterance.Language == "" {
			l.utterance.Language = string(v.Text)
		}
	case listenDetected:
		if v.Kind == jsonscan.String {
			wire.Set(&l.utterance.Language, v.Text)
		}
	case listenStart:
		if !isOther {
			l.utterance.Start(v, time.Second)
		}
	case listenEnd:
		if !isOther {
			l.utterance.End(v, time.Second)
		}
	default:
		l.value(v)
	}
}

// endChannel reports the transcript of a channel. An empty one behind another is a silent speaker.
func (l *listen) endChannel() {
	l.identify()
	if l.isFinal && !l.utterance.HasText() {
		l.utterance.Reset()
		return
	}
	l.isFinal = l.isFinal || l.utterance.Is
	l.utterance.Report(&l.Base, l.duration)
}

// Document reports the transcript of the last channel, or an error.
func (l *listen) Document([]byte) {
	l.endChannel()
	if l.duration > 0 {
		l.Send(wire.Event{Kind: wire.Billed, Audio: l.duration})
	}
	l.failure.Report(&l.Base)
}

// Audio reports that a transcription is no audio.
func (l *listen) Audio([]byte) { l.NotUnderstood("content") }

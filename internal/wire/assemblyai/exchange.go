// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package assemblyai decodes the HTTP APIs of AssemblyAI for recorded audio: transcripts
// (/v2/transcript) and the synchronous API (/transcribe). Their references are
// https://www.assemblyai.com/docs/api-reference/transcripts and
// https://www.assemblyai.com/docs/api-reference/sync-api.
//
// A transcript takes several requests. POST /v2/transcript creates it: its request says the model and
// the language, and its response only the ID. GET /v2/transcript/{id} is sent until the transcript
// is completed: that response says the text. Each of these requests is one of speech to text, and
// only the poll that finds the transcript completed reports a final transcript. A program that wants
// one stage for all of them opens the stage itself. POST /v2/upload stores a file and is no request
// to a model, so that the size of the audio is not known.
//
// [Connection] decodes the WebSockets: streaming (/v3/ws) and the API before it (/v2/realtime/ws).
package assemblyai

import (
	"net/http"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/apierror"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/recognition"
)

// New returns the decoder of a request, or nil if its path is none that the decoder reads.
func New(target *wire.Target, report wire.Report) wire.Exchange {
	path := strings.TrimSuffix(target.Path, "/")
	switch target.Method {
	case http.MethodPost:
		switch {
		case strings.HasSuffix(path, "/v2/transcript"):
			return newCreation(target, report)
		case strings.HasSuffix(path, "/transcribe"), strings.HasSuffix(path, "/transcribe/live"):
			return newSync(target, report)
		}
	case http.MethodGet:
		if _, id, ok := strings.Cut(path, "/v2/transcript/"); ok && id != "" && !strings.Contains(id, "/") {
			return newCreation(target, report)
		}
	}
	return nil
}

// The fields of a transcript.
const (
	textID = iota
	textStatus
	textText
	textConfidence
	textLanguage
	textModel
	textSeconds
	textMilliseconds
	textStart
	textEnd
	failCode
	failError
	failMessage
)

var response = jsonscan.NewPlan(
	jsonscan.Field{Path: "id", ID: textID},
	jsonscan.Field{Path: "session_id", ID: textID}, // Of the synchronous API.
	jsonscan.Field{Path: "status", ID: textStatus},
	jsonscan.Field{Path: "text", ID: textText, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "confidence", ID: textConfidence},
	jsonscan.Field{Path: "language_code", ID: textLanguage},
	jsonscan.Field{Path: "speech_model", ID: textModel},
	jsonscan.Field{Path: "speech_model_used", ID: textModel},
	jsonscan.Field{Path: "audio_duration", ID: textSeconds},
	jsonscan.Field{Path: "audio_duration_ms", ID: textMilliseconds},
	jsonscan.Field{Path: "words.*.start", ID: textStart},
	jsonscan.Field{Path: "words.*.end", ID: textEnd},
	jsonscan.Field{Path: "error", ID: failError},
	jsonscan.Field{Path: "error_code", ID: failCode},
	jsonscan.Field{Path: "message", ID: failMessage},
	jsonscan.Field{Path: "detail", ID: failMessage},
	jsonscan.Field{Path: "title", ID: failMessage},
)

// exchange is the common part of the decoders.
type exchange struct {
	wire.Base

	body      *body.Reader
	failure   apierror.Reader
	id, model string
	isNew     bool // The ID or the model was not reported.
	status    string
	isSync    bool // The transcript has no status.
	utterance recognition.Utterance
	duration  time.Duration
	message   string
}

// answered begins to read the response.
func (x *exchange) answered(status int, h http.Header) {
	x.failure.Begin(status, h)
	x.body.Begin(h, body.JSON)
}

// Received reads a piece of the response.
func (x *exchange) Received(p []byte) {
	if x.failure.IsText() {
		x.failure.Text(p)
		return
	}
	x.body.Read(p)
}

// ReceivedAll reads the end of the response. An error may have no body.
func (x *exchange) ReceivedAll() {
	if !x.failure.IsText() {
		x.body.End()
	}
	x.failure.Report(&x.Base)
}

// Value reads a value of the response.
func (x *exchange) Value(v *jsonscan.Value) {
	switch v.Field {
	case textText:
		x.utterance.Text(&x.Base, v)
	case textConfidence:
		x.utterance.Confidence(v)
	case textSeconds:
		x.duration, _ = recognition.Duration(v, time.Second)
	case textMilliseconds:
		x.duration, _ = recognition.Duration(v, time.Millisecond)
	case textStart:
		x.utterance.Start(v, time.Millisecond)
	case textEnd:
		x.utterance.End(v, time.Millisecond)
	default:
		if v.Kind == jsonscan.String {
			x.text(v)
		}
	}
}

// text reads a value that is a text.
func (x *exchange) text(v *jsonscan.Value) {
	switch v.Field {
	case textID:
		x.isNew = wire.Set(&x.id, v.Text) || x.isNew
	case textModel:
		x.isNew = wire.Set(&x.model, v.Text) || x.isNew
	case textStatus:
		wire.Set(&x.status, v.Text)
	case textLanguage:
		wire.Set(&x.utterance.Language, v.Text)
	case failCode:
		x.failure.Class(v.Text, 1)
	case failError: // Of a transcript or of a request.
		x.failure.Message(v.Text)
	case failMessage:
		if x.message == "" {
			wire.Set(&x.message, v.Text)
		}
	}
}

// Document reports a transcript that is completed, or an error.
func (x *exchange) Document([]byte) {
	if x.isNew {
		x.isNew = false
		x.Send(wire.Event{Kind: wire.Answered, ID: x.id, Name: x.model})
	}
	switch {
	case x.failure.Is():
	case x.status == "error":
		x.failure.Class([]byte("error"), 0)
		x.failure.Fail()
	case x.status == "completed", x.isSync:
		x.utterance.Report(&x.Base, x.duration)
		if x.duration > 0 {
			x.Send(wire.Event{Kind: wire.Billed, Audio: x.duration})
		}
	}
	x.failure.Message([]byte(x.message))
	x.failure.Report(&x.Base)
	x.utterance.Reset()
	x.duration, x.status, x.message = 0, "", ""
}

// Audio reports that a transcript is no audio.
func (x *exchange) Audio([]byte) { x.NotUnderstood("content") }

// Done does nothing: AssemblyAI sends no server-sent events here.
func (x *exchange) Done() {}

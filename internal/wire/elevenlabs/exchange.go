// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package elevenlabs decodes the API of ElevenLabs. By HTTP: speech (/v1/text-to-speech), dialogues
// (/v1/text-to-dialogue) and transcriptions (/v1/speech-to-text). By WebSocket: speech and dialogues
// (.../stream-input, .../multi-stream-input), transcriptions (/v1/speech-to-text/realtime) and agents
// (/v1/convai/conversation). Its reference is
// https://elevenlabs.io/docs/api-reference.
//
// A request with a webhook is answered with an ID alone; the webhook itself is not decoded.
package elevenlabs

import (
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/apierror"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// New returns the decoder of a request, or nil if its path is none that the decoder reads.
func New(target *wire.Target, report wire.Report) wire.Exchange {
	if target.Method != http.MethodPost {
		return nil
	}
	path := strings.TrimSuffix(target.Path, "/")
	if strings.HasSuffix(path, "/v1/speech-to-text") {
		return newTranscription(target, report)
	}
	const speech, dialogue = "/v1/text-to-speech/", "/v1/text-to-dialogue"
	voice, isDialogue := "", false
	if _, rest, ok := strings.Cut(path, speech); ok {
		voice, path, _ = strings.Cut(rest, "/")
	} else if _, rest, ok := strings.Cut(path, dialogue); ok && (rest == "" || rest[0] == '/') {
		path, isDialogue = strings.TrimPrefix(rest, "/"), true
	} else {
		return nil
	}
	if voice == "" && !isDialogue {
		return nil
	}
	switch path {
	case "", "stream":
		return newSpeech(target, report, voice, false)
	case "with-timestamps", "stream/with-timestamps":
		return newSpeech(target, report, voice, true)
	}
	return nil
}

// The fields of an error. They are above those of all decoders.
const (
	failStatus = 1000 + iota
	failCode
	failType
	failMessage
	failID
)

// plan returns a plan of a response: the fields of a decoder and those of errors. The detail of an
// error is an object, a list of fields that are not valid, or a text.
func plan(fields ...jsonscan.Field) *jsonscan.Plan {
	return jsonscan.NewPlan(append(fields,
		jsonscan.Field{Path: "detail", ID: failMessage},
		jsonscan.Field{Path: "detail.status", ID: failStatus},
		jsonscan.Field{Path: "detail.code", ID: failCode},
		jsonscan.Field{Path: "detail.type", ID: failType},
		jsonscan.Field{Path: "detail.message", ID: failMessage},
		jsonscan.Field{Path: "detail.request_id", ID: failID},
		jsonscan.Field{Path: "detail.*.type", ID: failType},
		jsonscan.Field{Path: "detail.*.msg", ID: failMessage},
	)...)
}

// exchange is the common part of the decoders.
type exchange struct {
	wire.Base

	body    *body.Reader
	failure apierror.Reader
	id      string
	isNew   bool // The ID was not reported.
}

// answered begins to read the response, and reports its ID.
func (x *exchange) answered(status int, h http.Header) {
	x.failure.Begin(status, h)
	for _, name := range [...]string{"Request-Id", "X-Request-Id", "History-Item-Id"} {
		if id := h.Get(name); id != "" && x.id == "" {
			x.setID([]byte(id))
		}
	}
	x.identify()
}

func (x *exchange) setID(id []byte) { x.isNew = wire.Set(&x.id, id) || x.isNew }

// identify reports the ID, if it is new.
func (x *exchange) identify() {
	if x.isNew {
		x.isNew = false
		x.Send(wire.Event{Kind: wire.Answered, ID: x.id})
	}
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

// value reads a value of an error.
func (x *exchange) value(v *jsonscan.Value) {
	switch {
	case v.Kind != jsonscan.String || !x.failure.Is() || v.Index[0] > 0: // Only the first field of a list.
	case v.Field == failStatus:
		x.failure.Class(v.Text, 3)
	case v.Field == failCode:
		x.failure.Class(v.Text, 2)
	case v.Field == failType:
		x.failure.Class(v.Text, 1)
	case v.Field == failMessage:
		x.failure.Message(v.Text)
	case v.Field == failID && x.id == "":
		x.setID(v.Text)
	}
}

// end reports what a document says besides its audio or transcript.
func (x *exchange) end() {
	x.identify()
	x.failure.Report(&x.Base)
}

// Done does nothing: ElevenLabs sends no such event.
func (x *exchange) Done() {}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package cartesia decodes the API of Cartesia. By HTTP: speech (/tts/bytes, /tts/sse) and transcriptions
// of recorded audio (/stt). By WebSocket: speech (/tts/websocket), recognition (/stt/websocket,
// /stt/turns/websocket) and agents (/agents/stream/ID, /v1/agents/websocket/ID). Its reference is
// https://docs.cartesia.ai/api-reference.
package cartesia

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
	switch path := strings.TrimSuffix(target.Path, "/"); {
	case strings.HasSuffix(path, "/tts/bytes"), strings.HasSuffix(path, "/tts/sse"):
		return newSpeech(target, report)
	case strings.HasSuffix(path, "/stt"):
		return newTranscription(target, report)
	}
	return nil
}

// The fields of all responses. They are above those of all decoders.
const (
	failCode = 1000 + iota
	failTitle
	failMessage
	failError
	failStatus
	eventType
	requestID
	contextID
)

// plan returns a plan of a response: the fields of a decoder and those of errors.
func plan(fields ...jsonscan.Field) *jsonscan.Plan {
	return jsonscan.NewPlan(append(fields,
		jsonscan.Field{Path: "error_code", ID: failCode},
		jsonscan.Field{Path: "title", ID: failTitle},
		jsonscan.Field{Path: "message", ID: failMessage},
		jsonscan.Field{Path: "error", ID: failError},        // Of versions before 2026-03-01.
		jsonscan.Field{Path: "status_code", ID: failStatus}, // Of all events: 200, 206 or an error.
		jsonscan.Field{Path: "type", ID: eventType},
		jsonscan.Field{Path: "request_id", ID: requestID},
		jsonscan.Field{Path: "context_id", ID: contextID},
	)...)
}

// exchange is the common part of the decoders.
type exchange struct {
	wire.Base

	body    *body.Reader
	failure apierror.Reader
	id      string
	isNew   bool // The ID was not reported.

	// Of the current document.
	kind     [16]byte // The type of the event.
	kindSize int
	title    string
	code     [8]byte // The status code of the event.
	codeSize int
}

// answered begins to read the response, and reports its ID.
func (x *exchange) answered(status int, h http.Header, fallback body.Content) {
	if x.failure.Begin(status, h) {
		fallback = body.JSON
	}
	x.setID([]byte(h.Get("X-Request-Id")))
	x.identify()
	x.body.Begin(h, fallback)
}

// setID sets the ID once: some events have IDs that are derived from that of the request.
func (x *exchange) setID(id []byte) {
	if x.id == "" {
		x.isNew = wire.Set(&x.id, id) || x.isNew
	}
}

// identify reports the ID, if it is new.
func (x *exchange) identify() {
	if x.isNew {
		x.isNew = false
		x.Send(wire.Event{Kind: wire.Answered, ID: x.id})
	}
}

// Received reads a piece of the response. Errors of versions before 2026-03-01 are text.
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

// value reads a value that all responses may have.
func (x *exchange) value(v *jsonscan.Value) {
	if v.Field == failStatus {
		x.codeSize = copy(x.code[:], v.Text)
		return
	}
	if v.Kind != jsonscan.String {
		return
	}
	switch v.Field {
	case eventType:
		x.kindSize = copy(x.kind[:], v.Text)
	case requestID, contextID:
		x.setID(v.Text)
	case failCode:
		x.failure.Class(v.Text, 1)
	case failTitle:
		wire.Set(&x.title, v.Text)
	case failMessage:
		x.failure.Message(v.Text)
	case failError:
		x.failure.Fail()
		x.failure.Message(v.Text)
	}
}

// end reports what a document says besides its audio or transcript, and returns its type: that in
// the document, or the name of the event.
func (x *exchange) end(name []byte) (kind []byte) {
	kind = x.kind[:x.kindSize]
	if len(kind) == 0 {
		kind = name
	}
	if string(kind) == "error" {
		x.failure.Fail()
	}
	x.identify()
	if x.failure.Is() {
		x.failure.Class(x.code[:x.codeSize], 0)
		x.failure.Message([]byte(x.title))
	}
	x.failure.Report(&x.Base)
	x.kindSize, x.codeSize, x.title = 0, 0, ""
	return kind
}

// Done does nothing: Cartesia sends no such event.
func (x *exchange) Done() {}

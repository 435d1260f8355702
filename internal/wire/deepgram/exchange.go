// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package deepgram decodes the HTTP API of Deepgram: transcriptions of recorded audio (/v1/listen)
// and speech (/v1/speak). Its reference is https://developers.deepgram.com/reference.
//
// Both APIs take their parameters in the query. A request with a callback is answered with an ID
// alone; the callback itself is not decoded.
//
// [Connection] decodes the WebSockets: live transcriptions (/v1/listen), Flux (/v2/listen), live speech
// (/v1/speak, /v2/speak) and the Voice Agent (/v1/agent/converse).
package deepgram

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
	case strings.HasSuffix(path, "/v1/listen"):
		return newListen(target, report)
	case strings.HasSuffix(path, "/v1/speak"):
		return newSpeak(target, report)
	}
	return nil
}

// The fields of an error. They are above those of all decoders.
const (
	failCode = 1000 + iota
	failCategory
	failError
	failMessage
	requestID
)

// plan returns a plan of a response: the fields of a decoder and those of errors.
func plan(fields ...jsonscan.Field) *jsonscan.Plan {
	return jsonscan.NewPlan(append(fields,
		jsonscan.Field{Path: "err_code", ID: failCode},
		jsonscan.Field{Path: "err_msg", ID: failMessage},
		jsonscan.Field{Path: "category", ID: failCategory}, // Of validation errors.
		jsonscan.Field{Path: "message", ID: failMessage},
		jsonscan.Field{Path: "error", ID: failError}, // Of older errors.
		jsonscan.Field{Path: "reason", ID: failMessage},
		jsonscan.Field{Path: "request_id", ID: requestID},
	)...)
}

// exchange is the common part of the decoders.
type exchange struct {
	wire.Base

	body      *body.Reader
	failure   apierror.Reader
	id, model string
	isNew     bool // The ID or the model was not reported.
}

// answered reports the ID and the model in the headers, and begins to read the response.
func (x *exchange) answered(status int, h http.Header, fallback body.Content) {
	x.isNew = wire.Set(&x.id, []byte(h.Get("Dg-Request-Id")))
	x.isNew = wire.Set(&x.model, []byte(h.Get("Dg-Model-Name"))) || x.isNew
	x.identify()
	if x.failure.Begin(status, h) {
		fallback = body.JSON
	}
	x.body.Begin(h, fallback)
}

// identify reports the ID and the model, if they are new.
func (x *exchange) identify() {
	if x.isNew {
		x.isNew = false
		x.Send(wire.Event{Kind: wire.Answered, ID: x.id, Name: x.model})
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

// value reads a value of an error or the ID of the request.
func (x *exchange) value(v *jsonscan.Value) {
	switch {
	case v.Kind != jsonscan.String:
	case v.Field == requestID:
		x.isNew = wire.Set(&x.id, v.Text) || x.isNew
	case !x.failure.Is():
	case v.Field == failCode:
		x.failure.Class(v.Text, 3)
	case v.Field == failCategory:
		x.failure.Class(v.Text, 2)
	case v.Field == failError:
		x.failure.Class(v.Text, 1)
	case v.Field == failMessage:
		x.failure.Message(v.Text)
	}
}

// Done does nothing: Deepgram sends no server-sent events.
func (x *exchange) Done() {}

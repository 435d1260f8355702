// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package azurespeech

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// A response reads the response to a request over HTTP: what was asked for, or an error.
type response struct {
	to      *wire.Base
	body    *body.Reader
	content body.Content
	failure failure
}

func newResponse(to *wire.Base, fields *jsonscan.Plan, values body.Handler) response {
	return response{to: to, body: body.NewReader(fields, values)}
}

// begin begins to read a response. One without a type has the content, unless it is an error.
func (r *response) begin(status int, h http.Header, content body.Content) {
	if id := requestID(h); id != "" {
		r.to.Send(wire.Event{Kind: wire.Answered, ID: id})
	}
	if r.failure.begin(status, h) {
		content = body.Unknown
	}
	r.content = r.body.Begin(h, content)
}

// Received reads a piece of the response.
func (r *response) Received(p []byte) {
	if r.failure.Is && r.content != body.JSON {
		r.failure.read(p)
		return
	}
	r.body.Read(p)
}

// ReceivedAll reads the end of the response.
func (r *response) ReceivedAll() {
	r.body.End()
	r.failure.report(r.to)
}

// requestID returns the ID that the service gave a request.
func requestID(h http.Header) string {
	for _, name := range [...]string{"X-Requestid", "Apim-Request-Id", "X-Ms-Request-Id"} {
		if id := h.Get(name); id != "" {
			return id
		}
	}
	return ""
}

// The fields of an error. They are above those of all decoders.
const (
	failCode = 1000 + iota
	failMessage
)

// plan returns a plan of a response: the fields of a decoder and those of errors.
func plan(fields ...jsonscan.Field) *jsonscan.Plan {
	return jsonscan.NewPlan(append(fields,
		jsonscan.Field{Path: "error.code", ID: failCode},
		jsonscan.Field{Path: "error.message", ID: failMessage},
		jsonscan.Field{Path: "code", ID: failCode},
		jsonscan.Field{Path: "message", ID: failMessage},
		jsonscan.Field{Path: "statusCode", ID: failCode},
	)...)
}

// maxMessage is how many bytes of an error are kept that is no JSON.
const maxMessage = 512

// A failure is an error, which has a body of JSON, of text or none.
type failure struct {
	wire.Failure

	text     []byte
	isOpaque bool // The body is compressed, so that it cannot be read.
}

// begin begins to read a response, and reports whether it is an error.
func (f *failure) begin(status int, h http.Header) bool {
	f.Is = status >= http.StatusBadRequest
	encoding := h.Get("Content-Encoding")
	f.isOpaque = encoding != "" && !strings.EqualFold(encoding, "identity")
	if f.Is {
		f.Class = strconv.Itoa(status)
	}
	return f.Is
}

// value reads a value of an error in JSON.
func (f *failure) value(v *jsonscan.Value) {
	switch {
	case !f.Is || v.Kind != jsonscan.String && v.Kind != jsonscan.Number:
	case v.Field == failCode:
		wire.Set(&f.Class, v.Text)
	case v.Field == failMessage:
		wire.Set(&f.Message, v.Text)
	}
}

// read reads a piece of an error in text.
func (f *failure) read(p []byte) {
	if f.isOpaque {
		return
	}
	f.text = append(f.text, p[:min(len(p), maxMessage-len(f.text))]...)
}

// report reports an error once.
func (f *failure) report(b *wire.Base) {
	if !f.Is {
		return
	}
	f.Is = false
	if f.Message == "" {
		f.Message = strings.TrimSpace(strings.ToValidUTF8(string(f.text), ""))
	}
	b.Send(f.Event())
}

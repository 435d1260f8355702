// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package body reads the bodies of responses by their headers: a JSON document, documents that
// follow each other, server-sent events that hold documents, or audio.
package body

import (
	"bytes"
	"mime"
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/sse"
)

// A Handler receives what a body holds.
type Handler interface {
	// Value is called for each value of the plan, as package jsonscan reports it.
	Value(v *jsonscan.Value)
	// Document is called at the end of each JSON document, with the name of the server-sent
	// event that holds it, if it has one. The bytes are valid until Document returns.
	Document(event []byte)
	// Audio is called with each piece of a body of audio.
	Audio(p []byte)
	// Done is called for the server-sent event whose data is "[DONE]".
	Done()
	// NotUnderstood is called once for each kind of bytes that cannot be read: "encoding",
	// "content", "json" or "event".
	NotUnderstood(kind string)
}

// A Content is what a body holds.
type Content uint8

// The contents of bodies.
const (
	Unknown Content = iota
	JSON            // One document or several.
	Events          // Server-sent events.
	Audio
)

// ContentOf returns what a body with the given headers holds. mediaType is in lower case, and
// params are its parameters, such as the sample rate.
func ContentOf(h http.Header) (content Content, mediaType string, params map[string]string) {
	mediaType, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		mediaType, _, _ = strings.Cut(h.Get("Content-Type"), ";")
		mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	}
	switch {
	case mediaType == "text/event-stream":
		return Events, mediaType, params
	case strings.HasSuffix(mediaType, "json"): // application/json, application/x-ndjson, application/problem+json.
		return JSON, mediaType, params
	case strings.HasPrefix(mediaType, "audio/"):
		return Audio, mediaType, params
	}
	return Unknown, mediaType, params
}

// Untyped returns what a body holds that has no content type: what the request asked for. It is
// Unknown for a body that has one.
func Untyped(h http.Header, isStream bool) Content {
	switch {
	case h.Get("Content-Type") != "":
		return Unknown
	case isStream:
		return Events
	}
	return JSON
}

// A Reader reads one body. It is not safe for concurrent use.
type Reader struct {
	handler  Handler
	content  Content
	json     *jsonscan.Scanner
	events   *sse.Scanner
	event    []byte // The name of the current event.
	start    [8]byte
	size     int  // How many bytes of the event's data were read, at most len(start).
	isOpaque bool // The body is compressed, so that it cannot be read.
	reported uint8
}

// done is the data of the event that ends a stream.
const done = "[DONE]"

// NewReader returns a reader that reports the values of a plan. It reads nothing before Begin.
func NewReader(plan *jsonscan.Plan, h Handler) *Reader {
	r := &Reader{handler: h}
	r.json = jsonscan.NewScanner(plan, r.value)
	r.events = sse.NewScanner((*eventReader)(r))
	return r
}

// Begin begins to read a body with the given headers. fallback is what the body holds if its
// content type does not say so.
func (r *Reader) Begin(h http.Header, fallback Content) Content {
	if r.content, _, _ = ContentOf(h); r.content == Unknown {
		r.content = fallback
	}
	switch strings.ToLower(h.Get("Content-Encoding")) {
	case "", "identity":
	default:
		r.isOpaque = true
		r.not(encoding)
	}
	return r.content
}

// Read reads a piece of the body. It does not keep p.
func (r *Reader) Read(p []byte) {
	if r.isOpaque || len(p) == 0 {
		return
	}
	switch r.content {
	case JSON:
		r.json.Scan(p)
		if r.json.Broken() {
			r.not(json)
		}
	case Events:
		r.events.Scan(p)
	case Audio:
		r.handler.Audio(p)
	case Unknown:
		r.not(content)
	}
}

// End reads the end of the body.
func (r *Reader) End() {
	if r.isOpaque {
		return
	}
	switch r.content {
	case JSON:
		r.json.End()
		if !r.json.Complete() {
			r.not(json)
		}
	case Events:
		r.events.End()
	case Audio, Unknown:
	}
}

// Event returns the name of the server-sent event that is being read, or nothing. It is valid until
// the event ends.
func (r *Reader) Event() []byte { return r.event }

func (r *Reader) value(v *jsonscan.Value) {
	if v.Field == jsonscan.DocumentEnd {
		r.handler.Document(r.event)
		return
	}
	r.handler.Value(v)
}

// The kinds of bytes that cannot be read, as bits of Reader.reported.
const (
	encoding = iota
	content
	json
	event
)

var kinds = [...]string{encoding: "encoding", content: "content", json: "json", event: "event"}

// not reports a kind of bytes once.
func (r *Reader) not(kind int) {
	if r.reported&(1<<kind) == 0 {
		r.reported |= 1 << kind
		r.handler.NotUnderstood(kinds[kind])
	}
}

// An eventReader receives the events of a body.
type eventReader Reader

func (r *eventReader) Name(name []byte) { r.event = name }

func (r *eventReader) Data(p []byte) {
	if r.size < len(r.start) {
		r.size += copy(r.start[r.size:], p)
	}
	r.json.Scan(p)
}

func (r *eventReader) Dispatch() {
	switch data := bytes.TrimSpace(r.start[:r.size]); {
	case string(data) == done:
		r.handler.Done()
	case len(data) == 0:
	default:
		r.json.End()
		if r.json.Broken() || !r.json.Complete() {
			(*Reader)(r).not(event)
		}
	}
	r.json.Reset()
	r.event, r.size = nil, 0
}

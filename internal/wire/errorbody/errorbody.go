// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package errorbody reads the errors that providers and gateways send in JSON: the object "error" of
// OpenAI and Google, a text in its place, and errors that are the whole document.
package errorbody

import (
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// The fields of an error that decoders place at further paths. All fields are above those of decoders.
const (
	// Begin is the error: an object or a text. Its mode is [jsonscan.Begin].
	Begin = 1000 + iota
	// Code is a code, or the number of a status.
	Code
	// Message is a text for people.
	Message

	kindField
	stateField
	objectField
	arrayField
	topKind
	topCode
	topMessage
)

// Plan returns a plan of a response: the fields of errors and those of a decoder, which replace
// fields of errors with the same path.
func Plan(fields ...jsonscan.Field) *jsonscan.Plan {
	return jsonscan.NewPlan(append([]jsonscan.Field{
		{Path: "error", ID: Begin, Mode: jsonscan.Begin},
		{Path: "error.type", ID: kindField},
		{Path: "error.code", ID: Code},
		{Path: "error.message", ID: Message},
		// Google's endpoint for OpenAI's API sends errors in an array.
		{Path: "*.error", ID: arrayField, Mode: jsonscan.Begin},
		{Path: "*.error.code", ID: Code},
		{Path: "*.error.status", ID: stateField},
		{Path: "*.error.message", ID: Message},
		// Mistral, older vLLM, FastAPI and gateways send the error as the document.
		{Path: "object", ID: objectField},
		{Path: "type", ID: topKind},
		{Path: "code", ID: topCode},
		{Path: "message", ID: topMessage},
		{Path: "message.detail.*.msg", ID: topMessage},
		{Path: "detail", ID: topMessage},
		{Path: "detail.*.msg", ID: topMessage},
	}, fields...)...)
}

// An Error is the error of a document, as far as it was read. The zero value is ready for use.
type Error struct {
	// IsDocument is true if the document is known to be an error, such as an event named "error".
	IsDocument bool

	is                        bool
	kind, code, state         string
	message                   string
	topKind, topCode, topText string
	isNumber, isTopNumber     bool // The code is a number.
}

// Read reads a value of an error. status is that of the response.
func (f *Error) Read(v *jsonscan.Value, status int) {
	isText := v.Kind == jsonscan.String
	switch v.Field {
	case Begin, arrayField:
		if v.Field == arrayField && status < http.StatusBadRequest { // It may be a field of something else.
			return
		}
		f.is = f.is || v.Kind == jsonscan.Object || isText && len(v.Text) > 0
		if isText {
			wire.Set(&f.message, v.Text)
		}
	case objectField:
		f.IsDocument = f.IsDocument || string(v.Text) == "error"
	case Code:
		setCode(&f.code, &f.isNumber, v)
	case topCode:
		setCode(&f.topCode, &f.isTopNumber, v)
	default:
		if text := f.textOf(v.Field); text != nil && isText {
			wire.Set(text, v.Text)
		}
	}
}

func (f *Error) textOf(field int) *string {
	switch field {
	case kindField:
		return &f.kind
	case stateField:
		return &f.state
	case Message:
		return &f.message
	case topKind:
		return &f.topKind
	case topMessage:
		return &f.topText
	}
	return nil
}

func setCode(code *string, isNumber *bool, v *jsonscan.Value) {
	if v.Kind == jsonscan.String || v.Kind == jsonscan.Number {
		wire.Set(code, v.Text)
		*isNumber = strings.Trim(*code, "0123456789") == ""
	}
}

// Is reports whether the document is an error, as far as it was read.
func (f *Error) Is(status int) bool {
	return f.is || f.IsDocument || status >= http.StatusBadRequest && (f.topText != "" || f.topCode != "")
}

// Event returns the event that reports the error of a document, if the document is one. The class is
// the code, which is more exact than the type. A code that is a number is the class of last resort,
// and a sentence, as xAI sends, is no class.
func (f *Error) Event(status int) (e wire.Event, ok bool) {
	if !f.Is(status) {
		return wire.Event{}, false
	}
	if !f.is {
		f.kind, f.code, f.isNumber, f.message = f.topKind, f.topCode, f.isTopNumber, f.topText
	} else if f.code == "" { // Of xAI, whose error is a text beside the code.
		f.code, f.isNumber = f.topCode, f.isTopNumber
	}
	candidates := [...]string{f.code, f.kind, f.state}
	if f.isNumber {
		candidates = [...]string{f.kind, f.state, f.code}
	}
	class := ""
	for _, c := range candidates {
		if c != "" && !strings.Contains(c, " ") {
			class = c
			break
		}
	}
	return wire.Event{Kind: wire.Failed, Name: class, Text: []byte(f.message)}, true
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// The fields of an error. They are above those of all decoders.
const (
	failIs = 1000 + iota
	failType
	failCode
	failStatus
	failMessage
	failObject
	failArray
	failTopType
	failTopCode
	failTopMessage
)

// plan returns a plan of a response: the fields of errors and those of a decoder, which replace
// fields of errors with the same path.
func plan(fields ...jsonscan.Field) *jsonscan.Plan {
	return jsonscan.NewPlan(append([]jsonscan.Field{
		{Path: "error", ID: failIs, Mode: jsonscan.Begin},
		{Path: "error.type", ID: failType},
		{Path: "error.code", ID: failCode},
		{Path: "error.message", ID: failMessage},
		// Google's endpoint for OpenAI's API sends errors in an array.
		{Path: "*.error", ID: failArray, Mode: jsonscan.Begin},
		{Path: "*.error.code", ID: failCode},
		{Path: "*.error.status", ID: failStatus},
		{Path: "*.error.message", ID: failMessage},
		// Mistral, older vLLM, FastAPI and gateways send the error as the document.
		{Path: "object", ID: failObject},
		{Path: "type", ID: failTopType},
		{Path: "code", ID: failTopCode},
		{Path: "message", ID: failTopMessage},
		{Path: "message.detail.*.msg", ID: failTopMessage},
		{Path: "detail", ID: failTopMessage},
		{Path: "detail.*.msg", ID: failTopMessage},
	}, fields...)...)
}

// A failure is the error of a document, as far as it was read.
type failure struct {
	is, isDocument        bool
	kind, code, state     string
	message, topMessage   string
	topKind, topCode      string
	isNumber, isTopNumber bool // The code is a number.
}

// read reads a value of an error. status is that of the response.
func (f *failure) read(v *jsonscan.Value, status int) {
	isText := v.Kind == jsonscan.String
	switch v.Field {
	case failIs, failArray:
		if v.Field == failArray && status < 400 { // It may be a field of something else.
			return
		}
		f.is = f.is || v.Kind == jsonscan.Object || isText && len(v.Text) > 0
		if isText {
			wire.Set(&f.message, v.Text)
		}
	case failObject:
		f.isDocument = f.isDocument || string(v.Text) == "error"
	case failCode:
		setCode(&f.code, &f.isNumber, v)
	case failTopCode:
		setCode(&f.topCode, &f.isTopNumber, v)
	default:
		if text := f.textOf(v.Field); text != nil && isText {
			wire.Set(text, v.Text)
		}
	}
}

func (f *failure) textOf(field int) *string {
	switch field {
	case failType:
		return &f.kind
	case failStatus:
		return &f.state
	case failMessage:
		return &f.message
	case failTopType:
		return &f.topKind
	case failTopMessage:
		return &f.topMessage
	}
	return nil
}

func setCode(code *string, isNumber *bool, v *jsonscan.Value) {
	if v.Kind == jsonscan.String || v.Kind == jsonscan.Number {
		wire.Set(code, v.Text)
		*isNumber = strings.Trim(*code, "0123456789") == ""
	}
}

// event returns the event that reports the error of a document, if the document is one. The class is
// the code, which is more exact than the type. A code that is a number is the class of last resort,
// and a sentence, as xAI sends, is no class.
func (f *failure) event(status int) (e wire.Event, ok bool) {
	isDocument := f.isDocument || status >= 400 && (f.topMessage != "" || f.topCode != "")
	if !f.is && !isDocument {
		return wire.Event{}, false
	}
	if !f.is {
		f.kind, f.code, f.isNumber, f.message = f.topKind, f.topCode, f.isTopNumber, f.topMessage
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

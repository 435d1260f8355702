// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package azurespeech decodes the REST APIs of Azure AI Speech: text to speech, speech to text for
// short audio, and fast transcription. Their references are
// https://learn.microsoft.com/azure/ai-services/speech-service/rest-text-to-speech,
// https://learn.microsoft.com/azure/ai-services/speech-service/rest-speech-to-text-short and
// https://learn.microsoft.com/rest/api/speechtotext/transcriptions/transcribe.
//
// [Connection] decodes the WebSockets of the Speech SDK, whose protocol has no reference: its source is
// https://github.com/microsoft/cognitive-services-speech-sdk-js.
package azurespeech

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// New returns the decoder of a request, or nil if its path is none that the decoder reads.
func New(target *wire.Target, report wire.Report) wire.Exchange {
	if target.Method != http.MethodPost {
		return nil
	}
	switch {
	case strings.HasSuffix(target.Path, "/speechtotext/transcriptions:transcribe"):
		return newTranscription(target, report)
	case !strings.HasSuffix(target.Path, "/cognitiveservices/v1"):
		return nil
	case strings.Contains(target.Path, "/speech/recognition/"):
		return newRecognition(target, report)
	}
	return newSpeech(target, report)
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

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package googlespeech decodes the REST APIs of Google Cloud Speech-to-Text (v1 and v2, synchronous
// recognition) and Text-to-Speech. Their references are
// https://cloud.google.com/speech-to-text/docs/reference/rest and
// https://cloud.google.com/text-to-speech/docs/reference/rest. The streaming APIs are gRPC.
package googlespeech

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// New returns the decoder of a request, or nil if its path is none that the decoder reads.
func New(target *wire.Target, report wire.Report) wire.Exchange {
	if target.Method != http.MethodPost {
		return nil
	}
	ends := func(suffix string) bool { return strings.HasSuffix(target.Path, suffix) }
	switch {
	case ends("/speech:recognize"), ends(":recognize") && strings.Contains(target.Path, "/recognizers/"):
		return newRecognition(target, report)
	case ends("/text:synthesize"):
		return newSpeech(target, report)
	}
	return nil
}

// The fields of an error. They are above those of all decoders.
const (
	failIs = 1000 + iota
	failCode
	failStatus
	failMessage
)

// plan returns a plan of a response: the fields of a decoder and those of Google's errors.
func plan(fields ...jsonscan.Field) *jsonscan.Plan {
	return jsonscan.NewPlan(append(fields,
		jsonscan.Field{Path: "error", ID: failIs, Mode: jsonscan.Begin},
		jsonscan.Field{Path: "error.code", ID: failCode},
		jsonscan.Field{Path: "error.status", ID: failStatus},
		jsonscan.Field{Path: "error.message", ID: failMessage},
	)...)
}

// A failure is an error, as far as it was read.
type failure struct {
	wire.Failure

	status int // Of the response.
	code   string
}

// value reads a value of an error.
func (f *failure) value(v *jsonscan.Value) {
	switch {
	case v.Field == failIs:
		f.Is = f.Is || v.Kind == jsonscan.Object
	case v.Kind != jsonscan.String && v.Kind != jsonscan.Number:
	case v.Field == failCode:
		wire.Set(&f.code, v.Text)
	case v.Field == failStatus: // "INVALID_ARGUMENT"
		wire.Set(&f.Class, v.Text)
	case v.Field == failMessage:
		wire.Set(&f.Message, v.Text)
	}
}

// report reports an error once. The ends of the response are those of a document and of the body.
func (f *failure) report(b *wire.Base, isBody bool) {
	if !f.Is && (!isBody || f.status < http.StatusBadRequest) {
		return
	}
	if f.Class == "" {
		f.Class = f.code
	}
	if f.Class == "" {
		f.Class = strconv.Itoa(f.status)
	}
	b.Send(f.Event())
	*f = failure{}
}

// both returns the fields of a key of a request. The servers accept each key also with underscores.
func both(camel, snake string, id int, mode jsonscan.Mode) []jsonscan.Field {
	return []jsonscan.Field{{Path: camel, ID: id, Mode: mode}, {Path: snake, ID: id, Mode: mode}}
}

// mono sets the channels of a format whose bit rate is constant, if the request does not say them.
func mono(f *wire.Format) {
	switch f.Codec {
	case audioformat.PCM, audioformat.MuLaw, audioformat.ALaw:
		if f.Channels == 0 {
			f.Channels = 1
		}
	}
}

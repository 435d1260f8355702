// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package apierror reads errors in the bodies of responses, which may be in JSON, in text, or absent.
package apierror

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/body"
)

// maxMessage is how many bytes of an error are kept that is not JSON.
const maxMessage = 512

// A Reader reads the error of one response, and reports it once. The zero value is ready for use.
type Reader struct {
	status  int
	isText  bool // The body is not JSON.
	isFail  bool // There is an error that was not reported.
	class   string
	rank    int // The rank of class.
	message string
	text    []byte
}

// Begin begins to read a response. It reports whether the status says that the response is an error.
func (r *Reader) Begin(status int, h http.Header) bool {
	*r = Reader{status: status, isFail: status >= http.StatusBadRequest}
	if content, mediaType, _ := body.ContentOf(h); r.isFail && content != body.JSON && mediaType != "" {
		r.isText = true
	}
	if e := strings.ToLower(h.Get("Content-Encoding")); e != "" && e != "identity" {
		r.isText = false // The body cannot be read, which the reader of the body reports.
	}
	return r.isFail
}

// Is reports whether there is an error that was not reported.
func (r *Reader) Is() bool { return r.isFail }

// IsText reports whether the response is an error that is not in JSON, so that Text reads it.
func (r *Reader) IsText() bool { return r.isText }

// Text reads a piece of an error that is not in JSON.
func (r *Reader) Text(p []byte) {
	r.text = append(r.text, p[:min(len(p), maxMessage-len(r.text))]...)
}

// Fail says that a response whose status is no error holds one.
func (r *Reader) Fail() { r.isFail = true }

// Class sets the class of the error. Of several classes, that of the highest rank is kept.
func (r *Reader) Class(class []byte, rank int) {
	if len(class) > 0 && rank >= r.rank {
		r.class, r.rank = string(class), rank
	}
}

// Message sets the message of the error, if it has none.
func (r *Reader) Message(message []byte) {
	if r.message == "" && len(message) > 0 {
		r.message = string(message)
	}
}

// Report reports the error, if there is one. Its class is the status if the body names none.
func (r *Reader) Report(b *wire.Base) {
	if r.isFail {
		f := wire.Failure{Class: r.class, Message: r.message}
		if f.Class == "" && r.status >= http.StatusBadRequest {
			f.Class = strconv.Itoa(r.status)
		}
		if f.Message == "" {
			f.Message = strings.TrimSpace(strings.ToValidUTF8(string(r.text), ""))
		}
		b.Send(f.Event())
	}
	r.isFail, r.class, r.rank, r.message = false, "", 0, ""
}

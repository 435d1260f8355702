// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/errorbody"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// New returns the decoder of a request, or nil if its path is none that the decoder reads.
func New(target *wire.Target, report wire.Report) wire.Exchange {
	if target.Method != http.MethodPost {
		return nil
	}
	path := strings.TrimSuffix(target.Path, "/")
	switch {
	case strings.HasSuffix(path, "/completions"): // Also "/chat/completions", "/fim/completions".
		return newChat(target, report)
	case strings.HasSuffix(path, "/responses"):
		return newResponses(target, report)
	case strings.HasSuffix(path, "/audio/transcriptions"), strings.HasSuffix(path, "/audio/translations"):
		return newTranscription(target, report)
	case strings.HasSuffix(path, "/audio/speech"):
		return newSpeech(target, report)
	}
	return nil
}

// deployment returns the deployment that a path of Azure names:
// "/openai/deployments/NAME/chat/completions". It stands for the model.
func deployment(path string) string {
	_, rest, ok := strings.Cut(path, "/deployments/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// An exchange is the common part of the decoders.
type exchange struct {
	wire.Base

	sent    *jsonscan.Scanner // Nil if the request is not in JSON.
	body    *body.Reader
	status  int
	isEvent bool // The response is server-sent events.
	failure errorbody.Error
	failed  *lastFailure // The last error that was reported, or nil.
	isEnded bool
}

// newExchange returns the common part of a decoder of one stage.
func newExchange(target *wire.Target, stage wire.Stage, report wire.Report) exchange {
	return exchange{Base: wire.NewBase(target, stage, report)}
}

// Sent reads a piece of the request.
func (x *exchange) Sent(p []byte) {
	if !x.IsAsked() {
		x.sent.Scan(p)
	}
}

// SentAll reports the request.
func (x *exchange) SentAll() {
	if x.IsAsked() {
		return
	}
	x.ask()
	if x.sent.Broken() {
		x.NotUnderstood("json")
	}
}

// ask reports the request, with the deployment as its model if it names none.
func (x *exchange) ask() {
	if x.Request.Model == "" {
		x.Request.Model = deployment(x.Target.Path)
	}
	x.Asked()
}

// begin begins to read the response.
func (x *exchange) begin(status int, h http.Header) {
	x.status = status
	x.isEvent = x.body.Begin(h, body.Untyped(h, x.Request.Stream && status < 300)) == body.Events
}

// Answered begins to read the response. A server may answer before it has read the request.
func (x *exchange) Answered(status int, h http.Header) {
	x.SentAll()
	x.begin(status, h)
}

// Received reads a piece of the response.
func (x *exchange) Received(p []byte) { x.body.Read(p) }

// ReceivedAll reads the end of the response.
func (x *exchange) ReceivedAll() { x.body.End() }

// Done reports the end of the stream.
func (x *exchange) Done() { x.end() }

// end reports once that the answer is complete.
func (x *exchange) end() {
	if !x.isEnded {
		x.isEnded = true
		x.Send(wire.Event{Kind: wire.Ended})
	}
}

// Audio reports that the answer should not be audio.
func (x *exchange) Audio([]byte) { x.NotUnderstood("content") }

// fail reports the error of the document that has ended, if it is one. A stream of a response
// repeats an error in its last event.
func (x *exchange) fail() {
	if e, ok := x.failure.Event(x.status); ok {
		last := lastFailure{e.Name, string(e.Text)}
		if x.failed == nil || *x.failed != last {
			x.failed = &last
			x.Send(e)
		}
	}
	x.failure = errorbody.Error{}
}

// A lastFailure is an error that was reported.
type lastFailure struct{ class, message string }

// set sets a text once: some servers give each chunk another ID. It reports whether it did.
func set(to *string, text []byte) bool { return *to == "" && wire.Set(to, text) }

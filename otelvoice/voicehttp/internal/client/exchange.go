// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/vendors"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/message"
)

// An exchange is a request to a provider and its response, decoded as their bytes pass. The body of
// the request is read by the connection's goroutine while the program may read the response, so a
// lock guards the decoder.
type exchange struct {
	transport *Transport
	ctx       context.Context //nolint:containedctx // Of the request, to record measurements.

	mu         sync.Mutex
	decoder    wire.Exchange
	stage      vendorcall.Stage
	request    *wire.Request
	status     int
	content    bool // Content may be recorded.
	isAsked    bool // Requested was reported.
	isSent     bool // The whole body of the request was read.
	isComplete bool // The provider has said that the answer is complete.
	isStream   bool // The response is a stream.
	isRead     bool // The program has read from the response.
	isOver     bool // The stage has ended.
	failure    *providerError
	connection connection

	fed atomic.Bool // The request was read before it was sent.
}

// event records an event. The lock is held.
func (x *exchange) event(e *wire.Event) {
	switch e.Kind {
	case wire.Requested:
		x.isAsked, x.request = true, e.Request
	case wire.Ended, wire.Finished, wire.Final:
		x.isComplete = true
	case wire.Failed:
		x.failure = &providerError{class: e.Name}
		if x.content { // Messages may quote what the user said.
			x.failure.message = string(e.Text)
		}
	case wire.NotUnderstood:
		x.transport.meter.notUnderstood(x.ctx, x.decoder.Asks().Provider, e.Name)
	default:
	}
	if x.stage != nil {
		x.stage.Event(e)
	}
	if e.Kind == wire.Ended {
		x.end(nil)
	}
}

// guard recovers a panic of a decoder, which is then used no more. The lock is held.
func (x *exchange) guard() {
	if recover() != nil {
		provider := x.decoder.Asks().Provider
		x.decoder = nil
		x.transport.meter.notUnderstood(x.ctx, provider, "panic")
	}
}

// sent reads a piece of the request's body.
func (x *exchange) sent(p []byte) {
	if x.fed.Load() || len(p) == 0 {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.decoder == nil || x.isSent {
		return
	}
	defer x.guard()
	x.decoder.Sent(p)
}

// sentAll reads the end of the request's body.
func (x *exchange) sentAll() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.decoder == nil || x.isSent {
		return
	}
	x.isSent = true
	defer x.guard()
	x.decoder.SentAll()
}

// answered reads the head of the response.
func (x *exchange) answered(res *http.Response) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.status, x.isStream = res.StatusCode, isStream(res.Header)
	x.stage.AddRequestID(vendors.RequestID(res.Header))
	x.stage.SetAttributes(limits(x.connection.attributes(), res.Header, time.Now())...)
	if x.decoder == nil {
		return
	}
	defer x.guard()
	x.decoder.Answered(res.StatusCode, res.Header)
}

// release says that the program waits for the provider.
func (x *exchange) release() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.isOver {
		x.stage.Release()
	}
}

// received reads a piece of the response's body.
func (x *exchange) received(p []byte) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.isRead = x.isRead || len(p) > 0
	x.feed(p)
	if !x.isOver {
		x.stage.Hold()
	}
}

func (x *exchange) feed(p []byte) {
	if x.decoder == nil || len(p) == 0 {
		return
	}
	defer x.guard()
	x.decoder.Received(p)
}

// receivedAll reads the end of the response's body and ends the stage.
func (x *exchange) receivedAll(p []byte) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.feed(p)
	x.endOfBody()
	x.end(nil)
}

func (x *exchange) endOfBody() {
	if x.decoder == nil {
		return
	}
	defer x.guard()
	x.decoder.ReceivedAll()
}

// failed ends the stage with an error of the connection.
func (x *exchange) failed(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.stage.SetAttributes(x.connection.attributes()...)
	x.end(err)
}

// closed ends the stage of a response that was closed before its end. Audio may be dropped: what was
// played is enough. A JSON document was read: its decoder stops before the end of the body. A stream
// that is not complete was abandoned.
func (x *exchange) closed() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.isComplete || x.decoder == nil || x.decoder.Asks().Stage == wire.TTS || x.isRead && !x.isStream && !x.request.Stream {
		x.end(x.ctx.Err())
		return
	}
	x.end(context.Canceled)
}

// isStream reports whether a response is a stream of events or of JSON documents.
func isStream(h http.Header) bool {
	mediaType := strings.ToLower(message.First(h, "Content-Type"))
	return strings.HasPrefix(mediaType, "text/event-stream") || strings.HasPrefix(mediaType, "application/x-ndjson")
}

// end ends the stage. The provider's error wins over the connection's. The lock is held.
func (x *exchange) end(err error) {
	if x.isOver {
		return
	}
	x.isOver = true
	if x.status >= http.StatusBadRequest && x.failure == nil {
		x.failure = new(providerError)
	}
	if x.failure != nil {
		x.failure.status = x.status
		err = x.failure
	} else if err == nil && x.status >= http.StatusMultipleChoices {
		err = context.Canceled // A redirect: the next request gets the answer.
	}
	x.stage.End(err)
}

// A providerError is an error that a provider answered with.
type providerError struct {
	status         int
	class, message string
}

// maxMessage is how much of a provider's message is recorded.
const maxMessage = 200

// Error returns the status, and the provider's class and message.
func (e *providerError) Error() string {
	text := "provider error"
	if e.status >= http.StatusBadRequest {
		text = strconv.Itoa(e.status) + " " + http.StatusText(e.status)
	}
	if e.class != "" && e.class != strconv.Itoa(e.status) {
		text += ": " + e.class
	}
	if e.message != "" {
		text += ": " + e.message[:min(len(e.message), maxMessage)]
	}
	return text
}

// ErrorType returns the status, or the provider's class for an error in a stream.
func (e *providerError) ErrorType() string {
	if e.status >= http.StatusBadRequest {
		return strconv.Itoa(e.status)
	}
	if !wire.IsClass(e.class) {
		return "_OTHER"
	}
	return e.class
}

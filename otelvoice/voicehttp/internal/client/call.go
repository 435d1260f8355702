// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/wire/vendors"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/resend"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/message"
	"github.com/voice-agents/telemetry/semconv"
)

// call is an outgoing request until the body of its response is closed.
type call struct {
	transport *Transport
	request   *http.Request // The copy that is sent.
	method    message.Method
	start     time.Time
	span      trace.Span
	labels    *otelhttp.Labeler // Nil if the context has none.
	exchange  *exchange         // Nil if the request is not to a provider.
	sent      sentBody
	received  receivedBody
	measured  [1]metric.RecordOption // The attributes of its metrics.
	log       *resend.Log            // The stage's log; nil outside of a stage.
	resent    resend.Request         // What resends of the request have in common.
	isFailed  atomic.Bool
	ended     sync.Once
}

// failed records an error in place of a response.
func (c *call) failed(err error) {
	outcome := c.outcome(err)
	kind := ""
	if outcome == "" {
		kind = c.errorType(err)
	}
	c.measure(nil, kind, outcome)
	c.fail(err)
	if c.exchange != nil {
		c.exchange.failed(c.cause(err))
	}
	c.end()
}

// answered records a response. The span ends with its body.
func (c *call) answered(res *http.Response) {
	kind := ""
	attrs := append(make([]attribute.KeyValue, 0, 4), semconv.HTTPResponseStatusCode(res.StatusCode))
	if name, version := message.Protocol(res.Proto); version != "" {
		attrs = append(attrs, semconv.NetworkProtocolVersion(version))
		if name != "http" {
			attrs = append(attrs, semconv.NetworkProtocolName(name))
		}
	}
	if res.StatusCode >= http.StatusBadRequest {
		kind = strconv.Itoa(res.StatusCode)
		attrs = append(attrs, semconv.ErrorType(kind))
		c.span.SetStatus(codes.Error, "")
	}
	c.span.SetAttributes(attrs...)
	c.log.Ended(c.resent, isRetried(res.StatusCode))
	c.measure(res, kind, "")
	if c.exchange != nil {
		c.exchange.answered(res)
	} else if c.log != nil {
		otelvoice.AddRequestID(c.request.Context(), vendors.RequestID(res.Header))
	}
	if res.Body == nil || res.Body == http.NoBody { // Some callers never close it.
		if c.exchange != nil {
			c.exchange.receivedAll(nil)
		}
		c.end()
		return
	}
	res.Body = c.watch(res.Body)
}

// fail records on the span that the request failed or was canceled.
func (c *call) fail(err error) {
	if outcome := c.outcome(err); outcome != "" {
		c.span.SetAttributes(semconv.VoiceHTTPOutcome(outcome))
		return
	}
	if c.log != nil && c.isFailed.CompareAndSwap(false, true) {
		c.log.Ended(c.resent, true)
	}
	c.span.SetAttributes(semconv.ErrorType(c.errorType(err)))
	c.span.SetStatus(codes.Error, failure.Message(err))
}

// errorType returns the class of an error.
func (c *call) errorType(err error) string { return failure.Type(c.cause(err)) }

// cause returns why a request failed. When a deadline passes, net/http may return the context's cause, or the
// cancellation by an [http.Client] with a timeout.
func (c *call) cause(err error) error {
	if c.isLate() && (failure.Is(err, context.Cause(c.request.Context())) || failure.IsRequestCanceled(err)) {
		return &timeoutError{err}
	}
	return err
}

// A timeoutError is an error that net/http returned because a deadline passed.
type timeoutError struct{ err error }

func (e *timeoutError) Error() string { return e.err.Error() }

// Is reports that the error is that of a deadline. The error that it replaces is none: it may say that the request
// was canceled.
func (e *timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// isLate reports whether the deadline of the request has passed.
func (c *call) isLate() bool {
	deadline, ok := c.request.Context().Deadline()
	return ok && !time.Now().Before(deadline)
}

// outcome returns how the request ended if the program canceled it, else "". Clients return
// different errors for a cancellation, so the context decides.
func (c *call) outcome(err error) string {
	ctx := c.request.Context()
	switch {
	case failure.Is(err, otelvoice.ErrInterrupted), c.isInterrupted():
		return semconv.VoiceHTTPOutcomeInterrupted
	case failure.Is(err, context.Canceled), errors.Is(ctx.Err(), context.Canceled),
		failure.IsRequestCanceled(err) && !c.isLate():
		return semconv.VoiceHTTPOutcomeAbandoned
	}
	return ""
}

func (c *call) isInterrupted() bool {
	ctx := c.request.Context()
	return ctx.Err() != nil && failure.Is(context.Cause(ctx), otelvoice.ErrInterrupted)
}

// end ends the span, once.
func (c *call) end() { c.ended.Do(func() { c.span.End() }) }

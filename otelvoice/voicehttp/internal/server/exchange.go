// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/semconv"
)

// exchange is a request and its response while a handler serves it.
type exchange struct {
	server   *Server
	request  *request
	outer    *http.Request // The request that the middleware was given.
	inner    *http.Request // The copy of outer that the handler gets.
	read     *countedBody  // Nil without a body.
	response *recorder
	labels   *otelhttp.Labeler
	returned bool // The handler returned.
}

// end records the exchange, whether the handler returned, panicked or called
// [runtime.Goexit]. It calls recover, so it must be deferred directly.
func (x *exchange) end() {
	value := recover()
	end := x.ending(value)
	x.response.end()
	x.copyBack()
	x.request.setPattern(x.inner.Pattern)
	x.record(end)
	x.log(end)
	x.request.span.End(trace.WithTimestamp(end.at))
	if value != nil {
		panic(value)
	}
}

// ending is how an exchange ended.
type ending struct {
	at      time.Time
	status  int   // The status sent, or 500 after a panic before any was sent; 0 is unknown.
	size    int64 // Of the body that was sent.
	err     error // A panic or a call of runtime.Goexit.
	aborted bool  // The handler panicked with [http.ErrAbortHandler].
}

func (x *exchange) ending(panicked any) ending {
	end := ending{at: time.Now()}
	switch {
	case panicked == http.ErrAbortHandler: //nolint:errorlint // net/http compares the value itself, too.
		end.aborted = true
	case panicked != nil:
		end.err = failure.NewPanic(panicked)
	case !x.returned:
		end.err = goexitError{}
	}
	switch {
	case end.err == nil && !end.aborted, x.response.isSent():
		end.status, end.size = x.response.statusCode(), x.response.size()
	case end.err != nil:
		end.status = http.StatusInternalServerError
	}
	return end
}

// errorType returns the class of the error that the exchange ended with, or "".
func (e ending) errorType() string {
	switch {
	case e.err != nil:
		return failure.Type(e.err)
	case e.status >= http.StatusInternalServerError:
		return strconv.Itoa(e.status)
	}
	return ""
}

// goexitError is the error of a handler that called [runtime.Goexit].
type goexitError struct{}

func (goexitError) Error() string { return "the handler called runtime.Goexit" }

// ErrorType returns the class of the error.
func (goexitError) ErrorType() string { return "goexit" }

// copyBack copies to the outer request what handlers set on the inner one: net/http removes
// the files of MultipartForm, and outer handlers read Pattern.
func (x *exchange) copyBack() {
	if x.inner.MultipartForm != nil {
		x.outer.MultipartForm = x.inner.MultipartForm
	}
	x.outer.Pattern = x.inner.Pattern
}

// record completes the span and records the metrics.
func (x *exchange) record(end ending) {
	span, kind := x.request.span, end.errorType()
	route := x.request.route()
	if span.IsRecording() {
		attrs := make([]attribute.KeyValue, 0, 5)
		if route != "" {
			attrs = append(attrs, semconv.HTTPRoute(route))
			span.SetName(x.request.name())
		}
		if end.status > 0 {
			attrs = append(attrs, semconv.HTTPResponseStatusCode(end.status))
		}
		if n := x.read.size(); n > 0 {
			attrs = append(attrs, semconv.HTTPRequestBodySize(int(n)))
		}
		if n := end.size; n > 0 {
			attrs = append(attrs, semconv.HTTPResponseBodySize(int(n)))
		}
		if kind != "" {
			attrs = append(attrs, semconv.ErrorType(kind))
			description := ""
			if end.err != nil {
				description = failure.Message(end.err)
			}
			span.SetStatus(codes.Error, description)
		}
		span.SetAttributes(attrs...)
	}
	x.server.meter.record(x, end, route, kind)
}

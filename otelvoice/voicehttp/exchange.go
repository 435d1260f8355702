// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"log/slog"
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

// exchange is a request and its response, while a handler is at it.
type exchange struct {
	server   *server
	request  *request
	http     *http.Request // What the handler gets,
	from     *http.Request // and the server's own, of which it is a copy.
	read     *countedBody  // Nil without a body.
	response *recorder
	labels   *otelhttp.Labeler
	returned bool // The handler has.
}

// end records the exchange in whatever way its handler ended. It must be deferred
// itself, for it looks whether the handler panics.
func (x *exchange) end() {
	value := recover()
	end := x.ended(value)
	x.response.end()
	x.giveBack()
	x.request.setPattern(x.http.Pattern)
	x.record(end)
	x.log(end)
	x.request.span.End(trace.WithTimestamp(end.at))
	if value != nil {
		panic(value)
	}
}

// ending is how an exchange ended.
type ending struct {
	at     time.Time
	status int   // What was sent, or 500 after a panic before anything was; 0 is unknown.
	size   int64 // Of the body that was sent.
	err    error // A panic or a Goexit.
	abort  bool  // The handler broke the response off, in net/http's own way.
}

func (x *exchange) ended(panicked any) ending {
	end := ending{at: time.Now()}
	switch {
	case panicked == http.ErrAbortHandler: //nolint:errorlint // The sentinel itself, as net/http compares it.
		end.abort = true
	case panicked != nil:
		end.err = failure.NewPanic(panicked)
	case !x.returned:
		end.err = goexitError{}
	}
	switch {
	case end.err == nil && !end.abort, x.response.isSent():
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

// goexitError is the error of a handler that ended its goroutine.
type goexitError struct{}

func (goexitError) Error() string { return "the handler called runtime.Goexit" }

// ErrorType returns the class of the error.
func (goexitError) ErrorType() string { return "goexit" }

// giveBack hands the server's own request what handlers left in the copy: net/http
// removes the files of a form, and handlers outside look for the pattern.
func (x *exchange) giveBack() {
	if x.http.MultipartForm != nil {
		x.from.MultipartForm = x.http.MultipartForm
	}
	x.from.Pattern = x.http.Pattern
}

// record completes the span, and records the metrics.
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

// log writes the line of the end.
func (x *exchange) log(end ending) {
	switch {
	case end.err != nil:
		x.failed(end)
	case x.server.config.withoutResponse:
	case end.abort:
		slog.New(x.server.lines.end.of(x.request.method)).LogAttrs(x.request, slog.LevelWarn,
			"request aborted by its handler", x.appendEnd(nil, end)...)
	default:
		x.answered(end)
	}
}

// failed writes the line of a handler that panicked, whether requests are logged or not.
func (x *exchange) failed(end ending) {
	message := "request handler panicked"
	attrs := append(x.appendEnd(nil, end), slog.Any("error", end.err), text(semconv.ErrorTypeKey, end.errorType()))
	if p, ok := end.err.(*failure.PanicError); ok { //nolint:errorlint // As ended made it.
		attrs = append(attrs, text(semconv.ExceptionStacktraceKey, string(p.Stack)))
	} else {
		message = "request handler ended its goroutine"
	}
	slog.New(x.server.lines.end.of(x.request.method)).LogAttrs(x.request, slog.LevelError, message, attrs...)
}

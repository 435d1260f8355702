// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"log/slog"
	"math"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/message"
	"github.com/voice-agents/telemetry/semconv"
)

// module is the module of the log lines.
const module = "voice.http"

// loggers are the log handlers for the start and the end of requests.
type loggers struct {
	start, end methodHandlers
}

func newLoggers(handler slog.Handler) loggers {
	return loggers{
		start: newMethodHandlers(handler, semconv.VoicePhaseRequestStart),
		end:   newMethodHandlers(handler, semconv.VoicePhaseRequestEnd),
	}
}

// methodHandlers has a handler for each method. The attributes that all requests of a
// method share are redacted and encoded once.
type methodHandlers map[string]slog.Handler

func newMethodHandlers(handler slog.Handler, phase string) methodHandlers {
	handlers := make(methodHandlers)
	for _, method := range []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace, message.OtherMethod,
	} {
		handlers[method] = handler.WithAttrs([]slog.Attr{text(semconv.VoicePhaseKey, phase), text(semconv.HTTPRequestMethodKey, method)})
	}
	return handlers
}

// of returns the handler for a method.
func (h methodHandlers) of(m message.Method) slog.Handler { return h[m.Name] }

// logReceived logs that a request was received.
func (s *Server) logReceived(x *exchange) {
	handler, r := s.loggers.start.of(x.request.method), x.inner
	if !handler.Enabled(x.request, slog.LevelInfo) {
		return
	}
	line := slog.NewRecord(x.request.start, slog.LevelInfo, "request received", 0)
	line.AddAttrs(text(semconv.URLPathKey, message.Truncate(r.URL.Path)))
	if original := x.request.method.Original; original != "" {
		line.AddAttrs(text(semconv.HTTPRequestMethodOriginalKey, original))
	}
	if r.ContentLength > 0 {
		line.AddAttrs(slog.Int64(string(semconv.HTTPRequestBodySizeKey), r.ContentLength))
	}
	if headers := s.headersOf(r); len(headers) > 0 {
		line.AddAttrs(slog.GroupAttrs(string(semconv.HTTPRequestHeaderKey), headers...))
	}
	_ = handler.Handle(x.request, line) // A request must not fail because logging does.
}

// headersOf returns the request headers that are logged.
func (s *Server) headersOf(r *http.Request) (attrs []slog.Attr) {
	for _, name := range s.config.Headers {
		if values := r.Header[name]; len(values) > 0 {
			attrs = append(attrs, slog.String(strings.ToLower(name), strings.Join(values, ", ")))
		}
	}
	return attrs
}

// log logs the end of an exchange. Failed handlers are logged even without request logs.
func (x *exchange) log(end ending) {
	switch {
	case end.err != nil:
		x.logFailed(end)
	case x.server.config.WithoutResponse:
	case end.aborted:
		slog.New(x.server.loggers.end.of(x.request.method)).LogAttrs(x.request, slog.LevelWarn,
			"request aborted by its handler", x.appendEnd(nil, end)...)
	default:
		x.logAnswered(end)
	}
}

// logFailed logs a handler that panicked or called [runtime.Goexit].
func (x *exchange) logFailed(end ending) {
	msg := "request handler panicked"
	attrs := append(x.appendEnd(nil, end), slog.Any("error", end.err), text(semconv.ErrorTypeKey, end.errorType()))
	if p, ok := end.err.(*failure.PanicError); ok { //nolint:errorlint // The error is never wrapped.
		attrs = append(attrs, text(semconv.ExceptionStacktraceKey, string(p.Stack)))
	} else {
		msg = "request handler ended its goroutine"
	}
	slog.New(x.server.loggers.end.of(x.request.method)).LogAttrs(x.request, slog.LevelError, msg, attrs...)
}

// logAnswered logs a response.
func (x *exchange) logAnswered(end ending) {
	level := slog.LevelInfo
	if end.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	handler := x.server.loggers.end.of(x.request.method)
	if !handler.Enabled(x.request, level) {
		return
	}
	line := slog.NewRecord(end.at, level, "request answered", 0)
	var attrs [7]slog.Attr
	line.AddAttrs(x.appendEnd(attrs[:0], end)...)
	line.AddAttrs(x.response.bodyAttrs(x.inner.Header)...)
	_ = handler.Handle(x.request, line)
}

// appendEnd appends the attributes of all log lines at the end of a request.
func (x *exchange) appendEnd(attrs []slog.Attr, end ending) []slog.Attr {
	took := end.at.Sub(x.request.start)
	attrs = append(attrs,
		text(semconv.URLPathKey, message.Truncate(x.inner.URL.Path)),
		slog.Float64(string(semconv.VoiceDurationKey), took.Seconds()))
	if original := x.request.method.Original; original != "" {
		attrs = append(attrs, text(semconv.HTTPRequestMethodOriginalKey, original))
	}
	if route := x.request.route(); route != "" {
		attrs = append(attrs, text(semconv.HTTPRouteKey, route))
	}
	if end.status > 0 {
		attrs = append(attrs, slog.Int(string(semconv.HTTPResponseStatusCodeKey), end.status))
	}
	return append(attrs, slog.Int64(string(semconv.HTTPResponseBodySizeKey), end.size), performance(took, end))
}

// performance returns the figures of a log line, in the form that stages have. An aborted
// response is not a success.
func performance(took time.Duration, end ending) slog.Attr {
	return slog.GroupAttrs(string(semconv.VoicePerformanceKey),
		slog.Float64("duration_ms", math.Round(took.Seconds()*1e6)/1e3),
		slog.Bool("success", end.errorType() == "" && !end.aborted))
}

func text(key attribute.Key, value string) slog.Attr { return slog.String(string(key), value) }

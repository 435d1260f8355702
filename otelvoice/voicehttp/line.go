// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"log/slog"
	"math"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// lines are where the lines of requests go.
type lines struct {
	start, end given
}

func newLines(handler slog.Handler) *lines {
	return &lines{
		start: newGiven(handler, semconv.VoicePhaseRequestStart),
		end:   newGiven(handler, semconv.VoicePhaseRequestEnd),
	}
}

// given has handlers that are given what all requests of a method say, which is redacted and
// encoded once.
type given struct {
	methods map[string]slog.Handler
}

func newGiven(handler slog.Handler, phase string) given {
	g := given{methods: make(map[string]slog.Handler)}
	for _, method := range []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace, otherMethod,
	} {
		g.methods[method] = handler.WithAttrs([]slog.Attr{text(semconv.VoicePhaseKey, phase), text(semconv.HTTPRequestMethodKey, method)})
	}
	return g
}

// of returns the handler of a method.
func (g given) of(m method) slog.Handler { return g.methods[m.name] }

// received writes the line of a request that was received.
func (s *server) received(x *exchange) {
	handler, r := s.lines.start.of(x.request.method), x.http
	if !handler.Enabled(x.request, slog.LevelInfo) {
		return
	}
	line := slog.NewRecord(x.request.start, slog.LevelInfo, "request received", 0)
	line.AddAttrs(text(semconv.URLPathKey, bounded(r.URL.Path)))
	if original := x.request.method.original; original != "" {
		line.AddAttrs(text(semconv.HTTPRequestMethodOriginalKey, original))
	}
	if r.ContentLength > 0 {
		line.AddAttrs(slog.Int64(string(semconv.HTTPRequestBodySizeKey), r.ContentLength))
	}
	if headers := s.headersOf(r); len(headers) > 0 {
		line.AddAttrs(slog.GroupAttrs(string(semconv.HTTPRequestHeaderKey), headers...))
	}
	_ = handler.Handle(x.request, line) // To fail to log is no reason to fail.
}

// headersOf returns the headers that are logged.
func (s *server) headersOf(r *http.Request) (attrs []slog.Attr) {
	for _, name := range s.config.headers {
		if values := r.Header[name]; len(values) > 0 {
			attrs = append(attrs, slog.String(strings.ToLower(name), strings.Join(values, ", ")))
		}
	}
	return attrs
}

// answered writes the line of the response.
func (x *exchange) answered(end ending) {
	level := slog.LevelInfo
	if end.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	handler := x.server.lines.end.of(x.request.method)
	if !handler.Enabled(x.request, level) {
		return
	}
	line := slog.NewRecord(end.at, level, "request answered", 0)
	var attrs [7]slog.Attr
	line.AddAttrs(x.appendEnd(attrs[:0], end)...)
	line.AddAttrs(x.response.bodyAttrs(x.http.Header)...)
	_ = handler.Handle(x.request, line)
}

// appendEnd appends what all lines at the end of a request have.
func (x *exchange) appendEnd(attrs []slog.Attr, end ending) []slog.Attr {
	took := end.at.Sub(x.request.start)
	attrs = append(attrs,
		text(semconv.URLPathKey, bounded(x.http.URL.Path)),
		slog.Float64(string(semconv.VoiceDurationKey), took.Seconds()))
	if original := x.request.method.original; original != "" {
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

// performance returns the figures of the end line, as those of stages have them. A
// response that the handler broke off was no success.
func performance(took time.Duration, end ending) slog.Attr {
	return slog.GroupAttrs(string(semconv.VoicePerformanceKey),
		slog.Float64("duration_ms", math.Round(took.Seconds()*1e6)/1e3),
		slog.Bool("success", end.errorType() == "" && !end.abort))
}

func text(key attribute.Key, value string) slog.Attr { return slog.String(string(key), value) }

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// lines are where the lines of requests go.
type lines struct {
	start, end given
	// Where in the code the lines are said to come from. slog looks for its caller each
	// time: 0.4 µs, more than to fill the record.
	receivedAt, answeredAt uintptr
}

func newLines(handler slog.Handler) *lines {
	return &lines{
		start:      newGiven(handler, semconv.VoicePhaseRequestStart),
		end:        newGiven(handler, semconv.VoicePhaseRequestEnd),
		receivedAt: reflect.ValueOf((*requestHandler).ServeHTTP).Pointer(),
		answeredAt: reflect.ValueOf((*requestHandler).answered).Pointer(),
	}
}

// given has handlers that are given what all requests of a method say, which is redacted and
// encoded once.
type given struct {
	handler slog.Handler
	phase   string
	methods map[string]slog.Handler
}

func newGiven(handler slog.Handler, phase string) given {
	g := given{handler: handler, phase: phase, methods: make(map[string]slog.Handler)}
	for _, method := range []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace,
	} {
		g.methods[method] = g.of(method)
	}
	return g
}

// of returns the handler of a method.
func (g given) of(method string) slog.Handler {
	if h, ok := g.methods[method]; ok {
		return h
	}
	return g.handler.WithAttrs([]slog.Attr{text(semconv.VoicePhaseKey, g.phase), text(semconv.HTTPRequestMethodKey, method)})
}

// received writes the line of a request that was received at the time.
func (h *requestHandler) received(req *request, r *http.Request, at time.Time) {
	handler := h.lines.start.of(r.Method)
	if !handler.Enabled(req, slog.LevelInfo) {
		return
	}
	line := slog.NewRecord(at, slog.LevelInfo, "request received", h.lines.receivedAt)
	line.AddAttrs(text(semconv.URLPathKey, r.URL.Path))
	if r.ContentLength > 0 {
		line.AddAttrs(slog.Int64(string(semconv.HTTPRequestBodySizeKey), r.ContentLength))
	}
	if headers := h.headersOf(r); len(headers) > 0 {
		line.AddAttrs(slog.GroupAttrs(string(semconv.HTTPRequestHeaderKey), headers...))
	}
	_ = handler.Handle(req, line) // To fail to log is no reason to fail.
}

// headersOf returns the headers that are logged.
func (h *requestHandler) headersOf(r *http.Request) (attrs []slog.Attr) {
	for _, name := range h.config.headers {
		if values := r.Header[name]; len(values) > 0 {
			attrs = append(attrs, slog.String(strings.ToLower(name), strings.Join(values, ", ")))
		}
	}
	return attrs
}

// answered writes the line of the response.
func (h *requestHandler) answered(req *request, r *http.Request, rec *recorder, start time.Time) {
	level, status := slog.LevelInfo, rec.statusCode()
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	handler := h.lines.end.of(r.Method)
	if !handler.Enabled(req, level) {
		return
	}
	now := time.Now()
	line := slog.NewRecord(now, level, "request answered", h.lines.answeredAt)
	var attrs [5]slog.Attr
	line.AddAttrs(append(appendEnd(attrs[:0], r, now.Sub(start)),
		slog.Int(string(semconv.HTTPResponseStatusCodeKey), status),
		slog.Int64(string(semconv.HTTPResponseBodySizeKey), rec.written))...)
	line.AddAttrs(rec.bodyAttrs(r.Header)...)
	_ = handler.Handle(req, line)
}

// appendEnd appends what all lines at the end of a request have, beside what is given.
func appendEnd(attrs []slog.Attr, r *http.Request, took time.Duration) []slog.Attr {
	attrs = append(attrs,
		text(semconv.URLPathKey, r.URL.Path),
		slog.Float64(string(semconv.VoiceDurationKey), took.Seconds()))
	if route := routeOf(r); route != "" {
		attrs = append(attrs, text(semconv.HTTPRouteKey, route))
	}
	return attrs
}

func text(key attribute.Key, value string) slog.Attr { return slog.String(string(key), value) }

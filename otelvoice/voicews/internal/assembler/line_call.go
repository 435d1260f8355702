// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// channel is the voice.channel of a telephone call.
const channel = "phone"

// started starts the session of a telephone call. A second start of the same connection is that of
// the same call and changes nothing.
func (l *line) started(e *wire.Event) {
	if l.of != nil || e.Call == nil {
		return
	}
	of := *e.Call
	l.of, l.format = &of, of.Outbound
	if l.format.Codec == "" {
		l.format = of.Inbound
	}
	c := l.call
	opts := []otelvoice.SessionOption{otelvoice.WithChannel(channel), otelvoice.WithStartTime(l.connected)}
	if !c.config.IsPublic { // Else a stranger would choose the IDs.
		if c.session == nil {
			// The program that answered the call gave the parameters to the line, so that they win over the
			// request that opened the connection.
			c.parent = ContextFrom(c.base, c.config.Telemetry, parameter(of.Parameters))
		}
		if of.ID != "" {
			opts = append(opts, otelvoice.WithSessionID(of.ID))
		}
	}
	c.start(opts...)
	c.session.SetAttributes(lineAttributes(&of)...)
	l.begin(&of)
}

// begin starts the span of the line, unless it has started: with the call, or with the first audio of a line
// that does not say which call it is.
func (l *line) begin(of *wire.Call) {
	if l.stream.span != nil || l.call.isOff() {
		return
	}
	if of.Provider == "" {
		of.Provider = l.request.Provider
	}
	l.call.start(otelvoice.WithChannel(channel), otelvoice.WithStartTime(l.connected))
	l.stream = l.call.startStream(semconv.SpanVoiceLine, trace.SpanKindServer, l.connected, lineAttributes(of)...)
	l.stream.recorded.Stage, l.stream.recorded.Line = string(wire.Line), of.Provider
	l.stream.recorded.NotUnderstood = l.early
	l.stream.opened(time.Now())
}

// parameter returns a function that finds a parameter by its name, without regard to case. Plivo puts
// "X-PH-" before the names that the program gave it.
func parameter(of map[string]string) func(name string) string {
	byName := make(map[string]string, len(of))
	for name, value := range of {
		byName[strings.TrimPrefix(strings.ToLower(name), "x-ph-")] = value
	}
	return func(name string) string { return byName[strings.ToLower(name)] }
}

// lineAttributes returns the attributes of a call.
func lineAttributes(of *wire.Call) (attrs []attribute.KeyValue) {
	if of.Provider != "" {
		attrs = append(attrs, semconv.VoiceLineProvider(of.Provider))
	}
	if of.ID != "" {
		attrs = append(attrs, semconv.VoiceLineCallID(of.ID))
	}
	if of.Stream != "" {
		attrs = append(attrs, semconv.VoiceLineStreamID(of.Stream))
	}
	return attrs
}

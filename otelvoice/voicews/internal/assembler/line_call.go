// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
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
	if c.session == nil {
		c.base = c.fromParameters(c.base, of.Parameters)
	}
	var opts []otelvoice.SessionOption
	if of.ID != "" {
		opts = append(opts, otelvoice.WithSessionID(of.ID))
	}
	opts = append(opts, otelvoice.WithChannel(channel))
	c.start(opts...)
	attrs := lineAttributes(&of)
	c.session.SetAttributes(attrs...)
	l.stream = c.startStream(semconv.SpanVoiceLine, trace.SpanKindServer, l.connected, attrs...)
	l.stream.recorded.Stage, l.stream.recorded.Line = string(wire.Line), of.Provider
	l.stream.opened()
}

// fromParameters returns a context with the trace and the correlation ID that the parameters of a call
// hold. They are those of the program that answered the call, so that they win over the request that
// opened the connection.
func (c *Call) fromParameters(ctx context.Context, parameters map[string]string) context.Context {
	if len(parameters) == 0 {
		return ctx
	}
	carrier := make(propagation.MapCarrier, len(parameters))
	for key, value := range parameters {
		carrier[strings.ToLower(key)] = value
	}
	remote := c.config.Telemetry.Propagator().Extract(context.Background(), carrier)
	if sc := trace.SpanContextFromContext(remote); sc.IsValid() && !c.config.IsPublic {
		ctx = trace.ContextWithRemoteSpanContext(ctx, sc)
		return ctx
	}
	for _, key := range []string{strings.ToLower(c.config.Telemetry.CorrelationHeader()), "correlation_id", "correlationid"} {
		if id := carrier[key]; id != "" && !c.config.IsPublic {
			return otelvoice.ContextWithCorrelationID(ctx, id)
		}
	}
	return ctx
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

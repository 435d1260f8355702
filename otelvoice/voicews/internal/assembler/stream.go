// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/semconv"
)

// A stream is the span of a connection that serves many turns. That of a recogniser belongs to
// [otelvoice.STTStream]. The zero stream records nothing.
type stream struct {
	span  trace.Span
	start time.Time
	attrs []attribute.KeyValue
	// recorded is for the metrics.
	recorded vendorcall.Connection
	meter    vendorcall.Meter
}

func (s *stream) notUnderstood(kind string) {
	s.recorded.NotUnderstood = appendKind(s.recorded.NotUnderstood, kind)
}

// maxKinds is how many messages that were not understood are kept of a connection.
const maxKinds = 64

func appendKind(kinds []string, kind string) []string {
	if len(kinds) == maxKinds {
		return kinds
	}
	return append(kinds, kind)
}

func (s *stream) measured(m *Measures) {
	s.attrs = append(s.attrs, measured(m)...)
	s.recorded.FirstMessage, s.recorded.RoundTrips = m.FirstMessage, m.RoundTrips
}

// startStream starts the span of a connection. The lock is held.
func (c *Call) startStream(name string, kind trace.SpanKind, started time.Time, attrs ...attribute.KeyValue) stream {
	attrs = append(attrs,
		semconv.SessionID(c.session.ID()),
		semconv.GenAIConversationID(c.session.ID()),
		semconv.VoiceCorrelationID(c.session.CorrelationID()))
	tracer := c.config.Telemetry.TracerProvider().Tracer(otelvoice.ScopeName, trace.WithInstrumentationVersion(otelvoice.Version))
	_, span := tracer.Start(c.sessionCtx, name, trace.WithSpanKind(kind), trace.WithTimestamp(started), trace.WithAttributes(attrs...))
	return stream{span: span, start: started, meter: vendorcall.MeterFromContext(c.sessionCtx)}
}

// providerStream starts the span of a connection to a provider.
func (c *Call) providerStream(name, operation string, request *wire.Request, started time.Time) stream {
	attrs := []attribute.KeyValue{semconv.GenAIOperationName(operation)}
	if request.Provider != "" {
		attrs = append(attrs, semconv.GenAIProviderName(request.Provider))
	}
	if request.Model != "" {
		attrs = append(attrs, semconv.GenAIRequestModel(request.Model))
	}
	s := c.startStream(name, trace.SpanKindClient, started, attrs...)
	s.recorded.Stage, s.recorded.Provider, s.recorded.Model = string(request.Stage), request.Provider, request.Model
	return s
}

// asked records the model, if it is known only now: some protocols say it after the connection is open.
func (s *stream) asked(model string) {
	if s.span == nil || s.recorded.Model != "" || model == "" {
		return
	}
	s.recorded.Model = model
	s.span.SetName(semconv.SpanRealtimeSession(model))
	s.span.SetAttributes(semconv.GenAIRequestModel(model))
}

// opened records that the connection is open since a time.
func (s *stream) opened(now time.Time) {
	if s.span == nil {
		return
	}
	s.span.AddEvent(semconv.EventVoiceStreamConnected, trace.WithTimestamp(now))
	s.recorded.Connect = now.Sub(s.start)
	s.attrs = append(s.attrs, semconv.VoiceStreamConnectDuration(s.recorded.Connect.Seconds()))
}

// refused records that the provider could not do what a message asked for.
func (s *stream) refused(err error) {
	if s.span != nil {
		s.span.AddEvent(semconv.EventVoiceStreamRefused, trace.WithAttributes(semconv.ErrorType(failure.Type(err))))
	}
}

// digit records a key that the user pressed. The key may be a part of a PIN.
func (s *stream) digit(e *wire.Event) {
	if s.meter != nil {
		s.meter.Key(string(e.Text[:min(len(e.Text), 1)])) // Only with content.
	}
}

// end ends the span.
func (s *stream) end(err error, abandoned bool) {
	if s.span == nil {
		return
	}
	ended := semconv.VoiceStreamOutcomeCompleted
	switch {
	case err != nil:
		ended = semconv.VoiceStreamOutcomeFailed
		s.recorded.ErrorType = failure.Type(err)
		s.span.SetAttributes(semconv.ErrorType(s.recorded.ErrorType))
		s.span.SetStatus(codes.Error, failure.Message(err))
	case abandoned:
		ended = semconv.VoiceStreamOutcomeAbandoned
	}
	if n := len(s.recorded.NotUnderstood); n > 0 {
		s.attrs = append(s.attrs, semconv.VoiceStreamNotUnderstoodCount(n))
	}
	s.span.SetAttributes(append(s.attrs, semconv.VoiceStreamOutcome(ended))...)
	s.span.End()
	s.span = nil
	s.recorded.Outcome, s.recorded.Duration = ended, time.Since(s.start)
	if s.meter != nil {
		s.meter.Connection(&s.recorded)
	}
}

// measured returns the attributes of what a tap measured of a connection.
func measured(m *Measures) []attribute.KeyValue {
	attrs := []attribute.KeyValue{
		semconv.VoiceStreamMessageSent(m.MessagesSent),
		semconv.VoiceStreamMessageReceived(m.MessagesReceived),
		semconv.VoiceStreamBytesSent(m.BytesSent),
		semconv.VoiceStreamBytesReceived(m.BytesReceived),
	}
	if m.FirstMessage > 0 {
		attrs = append(attrs, semconv.VoiceStreamFirstMessageDuration(m.FirstMessage.Seconds()))
	}
	if m.RoundTripMax > 0 {
		attrs = append(attrs,
			semconv.VoiceStreamRoundTripTimeLast(m.RoundTripLast.Seconds()),
			semconv.VoiceStreamRoundTripTimeMax(m.RoundTripMax.Seconds()))
	}
	if m.CloseCode != 0 {
		attrs = append(attrs, semconv.VoiceStreamCloseCode(m.CloseCode))
	}
	switch m.ClosedBy {
	case ByAgent:
		attrs = append(attrs, semconv.VoiceStreamCloseInitiator(semconv.VoiceStreamCloseInitiatorAgent))
	case ByPeer:
		attrs = append(attrs, semconv.VoiceStreamCloseInitiator(semconv.VoiceStreamCloseInitiatorPeer))
	case ByNetwork:
		attrs = append(attrs, semconv.VoiceStreamCloseInitiator(semconv.VoiceStreamCloseInitiatorNetwork))
	}
	return attrs
}

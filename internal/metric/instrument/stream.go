// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"context"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/semconv"
)

// Stream is the dimensions of a stream. Empty ones are left out.
type Stream struct {
	Kind                       StageKind
	Provider, Model, ErrorType string
	Line                       string // The provider of a telephone line.
}

func (k Stream) clone() Stream {
	return Stream{clone(k.Kind), strings.Clone(k.Provider), strings.Clone(k.Model), strings.Clone(k.ErrorType), strings.Clone(k.Line)}
}

// streams is the instruments of streams.
type streams struct {
	redactor *redaction.Engine

	duration, connect, reconnect  metric.Float64Histogram
	firstMessage, roundTrip       metric.Float64Histogram
	reconnects, drops, unreadable metric.Int64Counter
	sent, billed                  metric.Float64Counter
	meters                        *cache[Stream, StreamMeter]
}

func newStreams(m *maker, r *redaction.Engine) *streams {
	s := &streams{
		redactor:     r,
		duration:     m.histogram(semconv.MetricVoiceStreamDuration()),
		connect:      m.histogram(semconv.MetricVoiceStreamConnectDuration()),
		reconnect:    m.histogram(semconv.MetricVoiceStreamReconnectDuration()),
		firstMessage: m.histogram(semconv.MetricVoiceStreamFirstMessageDuration()),
		roundTrip:    m.histogram(semconv.MetricVoiceStreamRoundTripTime()),
		unreadable:   m.counter(semconv.MetricVoiceStreamNotUnderstoodCount()),
		reconnects:   m.counter(semconv.MetricVoiceStreamReconnectCount()),
		drops:        m.counter(semconv.MetricVoiceStreamDropCount()),
		sent:         m.floatCounter(semconv.MetricVoiceStreamAudioSent()),
		billed:       m.floatCounter(semconv.MetricVoiceStreamAudioBilled()),
	}
	s.meters = newCache(s.newMeter)
	return s
}

// StreamMeter records the measurements of streams with the same dimensions.
type StreamMeter struct {
	streams *streams
	model   *options
	ended   map[Outcome]*options
	attrs   []attribute.KeyValue
}

// Stream returns the meter of streams.
func (s *Set) Stream(key Stream) *StreamMeter { return s.streams.meters.get(key) }

func (s *streams) newMeter(key Stream) *StreamMeter {
	attrs := list{}.with(semconv.VoiceStageKey, string(key.Kind)).
		with(semconv.GenAIProviderNameKey, key.Provider).
		with(semconv.GenAIRequestModelKey, key.Model).
		with(semconv.ErrorTypeKey, key.ErrorType).
		with(semconv.VoiceLineProviderKey, key.Line)
	m := &StreamMeter{streams: s, attrs: attrs, model: newOptions(s.redactor, attrs), ended: make(map[Outcome]*options)}
	for _, outcome := range []Outcome{
		semconv.VoiceStreamOutcomeCompleted, semconv.VoiceStreamOutcomeInterrupted,
		semconv.VoiceStreamOutcomeFailed, semconv.VoiceStreamOutcomeAbandoned,
	} {
		m.ended[outcome] = newOptions(s.redactor, append([]attribute.KeyValue{semconv.VoiceStreamOutcome(string(outcome))}, attrs...))
	}
	return m
}

// Ended records how long a stream lasted, in seconds.
func (m *StreamMeter) Ended(ctx context.Context, outcome Outcome, seconds float64) {
	if with := m.ended[outcome]; with != nil {
		m.streams.duration.Record(ctx, seconds, with.record...)
	}
}

// Connected records the seconds until the first connection was open, or failed.
func (m *StreamMeter) Connected(ctx context.Context, seconds float64) {
	m.streams.connect.Record(ctx, seconds, m.model.record...)
}

// Reconnected records the seconds without a connection.
func (m *StreamMeter) Reconnected(ctx context.Context, seconds float64) {
	m.streams.reconnect.Record(ctx, seconds, m.model.record...)
}

// Reconnect counts a connection that replaced a lost one.
func (m *StreamMeter) Reconnect(ctx context.Context) {
	m.streams.reconnects.Add(ctx, 1, m.model.add...)
}

// Sent counts seconds of audio sent.
func (m *StreamMeter) Sent(ctx context.Context, seconds float64) {
	m.streams.sent.Add(ctx, seconds, m.model.add...)
}

// Dropped counts frames that were not sent.
func (m *StreamMeter) Dropped(ctx context.Context, frames int) {
	m.streams.drops.Add(ctx, int64(frames), m.model.add...)
}

// Billed counts seconds of audio that the provider bills.
func (m *StreamMeter) Billed(ctx context.Context, seconds float64) {
	m.streams.billed.Add(ctx, seconds, m.model.add...)
}

// FirstMessage records the seconds until the other end sent its first message.
func (m *StreamMeter) FirstMessage(ctx context.Context, seconds float64) {
	m.streams.firstMessage.Record(ctx, seconds, m.model.record...)
}

// RoundTrip records the seconds from a ping to its pong.
func (m *StreamMeter) RoundTrip(ctx context.Context, seconds float64) {
	m.streams.roundTrip.Record(ctx, seconds, m.model.record...)
}

// NotUnderstood counts a kind of message that could not be decoded. It is rare, so that its attributes
// are made each time.
func (m *StreamMeter) NotUnderstood(ctx context.Context, kind string) {
	attrs := append(slices.Clip(m.attrs), semconv.VoiceProviderNotUnderstoodKind(kind))
	m.streams.unreadable.Add(ctx, 1, newOptions(m.streams.redactor, attrs).add...)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/semconv"
)

// sessionMeter records the measurements of taps: a [vendorcall.Meter].
type sessionMeter Session

// Connection records a connection that ended.
func (m *sessionMeter) Connection(c *vendorcall.Connection) {
	defer m.tel.emit.Guard.Recovered(guard.Instruments)
	key := instrument.Stream{Kind: instrument.StageKind(c.Stage), Provider: c.Provider, Model: c.Model, ErrorType: c.ErrorType, Line: c.Line}
	meter := m.tel.emit.Metrics.Stream(key)
	if c.Outcome != "" && m.isPlausible(semconv.VoiceStreamConnectDurationKey, c.Duration) {
		meter.Ended(m.ctx, instrument.Outcome(c.Outcome), c.Duration.Seconds())
	}
	if c.Connect > 0 && m.isPlausible(semconv.VoiceStreamConnectDurationKey, c.Connect) {
		meter.Connected(m.ctx, c.Connect.Seconds())
	}
	if c.FirstMessage > 0 && m.isPlausible(semconv.VoiceStreamFirstMessageDurationKey, c.FirstMessage) {
		meter.FirstMessage(m.ctx, c.FirstMessage.Seconds())
	}
	for _, d := range c.RoundTrips {
		if m.isPlausible(semconv.VoiceStreamRoundTripTimeLastKey, d) {
			meter.RoundTrip(m.ctx, d.Seconds())
		}
	}
	for _, kind := range c.NotUnderstood {
		meter.NotUnderstood(m.ctx, kind)
	}
}

func (m *sessionMeter) isPlausible(key attribute.Key, d time.Duration) bool {
	return m.tel.emit.PlausibleUpTo(m.ctx, key, d, emit.LongestCall)
}

// Key records a key that the user pressed.
func (m *sessionMeter) Key(key string) { (*Session)(m).pressed(1, key) }

// Media records how the user's audio arrived.
func (m *sessionMeter) Media(of *vendorcall.Media) {
	defer m.tel.emit.Guard.Recovered(guard.Instruments)
	m.tel.emit.Metrics.Media(m.ctx, of.Packets, of.Lost, of.OutOfOrder, of.Jitter)
	for _, d := range of.Gaps {
		m.tel.emit.Metrics.MediaGap(m.ctx, d.Seconds())
	}
}

// Underruns records the pauses of an answer for lack of audio.
func (m *sessionMeter) Underruns(source string, pauses []time.Duration) {
	defer m.tel.emit.Guard.Recovered(guard.Instruments)
	for _, d := range pauses {
		m.tel.emit.Metrics.Underrun(m.ctx, source, m.config.channel, d.Seconds())
	}
}

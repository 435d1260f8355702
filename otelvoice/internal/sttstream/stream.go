// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package sttstream keeps the state of a streaming recogniser's connections: which one is open,
// how much audio was sent, and when it was heard. It reads no clock and records nothing.
package sttstream

import (
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/internal/audioclock"
	"github.com/voice-agents/telemetry/semconv"
)

// A Stream is the state of a stream. The zero Stream has not connected yet. Its user guards it
// with a lock.
type Stream struct {
	ended      time.Time
	connection int           // Its number, from 1; 0 before the first.
	connected  time.Duration // How long the first connection took.
	reconnects int
	lostAt     time.Time     // When the connection was lost that is not replaced yet.
	outage     time.Duration // The sum of the outages that are over.

	format       audioclock.Format
	clock        audioclock.Clock // Of the connection.
	unknown      int64            // Bytes that the connection sent before the format was known,
	unknownUntil time.Time        // and when the last of them was heard.
	size         int64
	sent         time.Duration // Over all connections.
	counted      time.Duration // The part of sent that is in the metrics.
	drops        int           // Frames that were not sent.
	dropWarned   int           // The connection for which dropped frames were last reported.
	billed       time.Duration // For earlier connections,
	billing      time.Duration // and for this one.
	charged      Charged       // For earlier connections.
	sentBefore   time.Duration // The part of sent that earlier connections sent.
	utterances   int
}

// Ended returns when the stream ended, or the zero time.
func (s *Stream) Ended() time.Time { return s.ended }

// Open reports whether the stream has not ended.
func (s *Stream) Open() bool { return s.ended.IsZero() }

// Sending reports whether audio that is added is sent: the stream is open and its connection is
// not lost.
func (s *Stream) Sending() bool { return s.ended.IsZero() && s.lostAt.IsZero() }

// Connection returns the number of the connection, from 1.
func (s *Stream) Connection() int { return max(s.connection, 1) }

// Connect records that a connection is open, took after the start of the stream. It reports
// whether it is the first; others are for [Stream.Reconnect].
func (s *Stream) Connect(took time.Duration) (first bool) {
	if first = s.connection == 0; first && s.Open() {
		s.connection, s.connected = 1, took
	}
	return first
}

// Lose records that the connection was lost. It reports whether that is new.
func (s *Stream) Lose(now time.Time) (lost bool) {
	if !s.Sending() {
		return false
	}
	s.connection = s.Connection()
	s.lostAt = now
	return true
}

// Reconnect records that another connection is open. It returns how long there was none, if
// the loss was reported.
func (s *Stream) Reconnect(now time.Time) (outage time.Duration, known bool) {
	s.connection = s.Connection() + 1
	s.reconnects++
	outage, known = s.restore(now)
	s.charged, s.sentBefore = s.Charged(), s.sent
	s.clock, s.unknown = audioclock.Clock{}, 0
	s.billed, s.billing = s.billed+s.billing, 0
	return outage, known
}

// restore ends the outage, if there is one, and returns how long it was.
func (s *Stream) restore(now time.Time) (outage time.Duration, lost bool) {
	if s.lostAt.IsZero() {
		return 0, false
	}
	outage = now.Sub(s.lostAt)
	s.outage += outage
	s.lostAt = time.Time{}
	return outage, true
}

// End ends the stream. It reports whether the stream never connected, and the outage that it
// ended in, if any.
func (s *Stream) End(now time.Time) (never bool, outage time.Duration, lost bool) {
	s.ended = now
	never = s.connection == 0 && s.sent == 0 && s.size == 0
	outage, lost = s.restore(now)
	return never, outage, lost
}

// SetBilled sets how much audio is billed for the connection, and returns by how much that is
// more than before.
func (s *Stream) SetBilled(audio time.Duration) (more time.Duration) {
	if more = audio - s.billing; more > 0 {
		s.billing = audio
	}
	return more
}

// Charged is how much audio a provider charges for.
type Charged struct {
	Audio time.Duration
	// IsUnknown is true if a connection sent audio whose duration is not known.
	IsUnknown bool
}

// Charged returns how much audio the provider charges for: for each connection what it bills, or
// else what was sent.
func (s *Stream) Charged() Charged {
	c := s.charged
	if s.billing > 0 {
		c.Audio += s.billing
		return c
	}
	c.Audio += s.sent - s.sentBefore
	c.IsUnknown = c.IsUnknown || s.unknown > 0
	return c
}

// AddUtterance counts an utterance and returns the format of its audio.
func (s *Stream) AddUtterance() audioclock.Format {
	s.utterances++
	return s.format
}

// SetFormat sets the format of the audio.
func (s *Stream) SetFormat(format audioclock.Format) {
	s.format = format
	if s.unknown > 0 {
		if d := format.Duration(s.unknown); d > 0 {
			s.AddFrame(d, s.unknownUntil)
			s.unknown = 0
		}
	}
}

// AddAudio adds audio of a size, whose end was heard at a given time.
func (s *Stream) AddAudio(size int, heard time.Time) {
	s.size += int64(size)
	if d := s.format.Duration(int64(size)); d > 0 {
		s.AddFrame(d, heard)
		return
	}
	s.unknown += int64(size)
	s.unknownUntil = heard
}

// AddFrame adds audio of a duration, whose end was heard at a given time.
func (s *Stream) AddFrame(d time.Duration, heard time.Time) {
	s.clock.Add(d, heard)
	s.sent += d
}

// Uncounted returns how much of the audio that was sent is not in the metrics yet.
func (s *Stream) Uncounted() time.Duration { return s.sent - s.counted }

// Count marks all audio that was sent as counted in the metrics.
func (s *Stream) Count() { s.counted = s.sent }

// Drop counts frames that were not sent. It reports whether they are the first of the
// connection.
func (s *Stream) Drop(frames int) (first bool) {
	s.drops += frames
	first = s.dropWarned != s.Connection()
	s.dropWarned = s.Connection()
	return first
}

// At returns when the audio at an offset in the connection was heard.
func (s *Stream) At(offset time.Duration, side audioclock.Edge) (time.Time, bool) {
	return s.clock.At(offset, side)
}

// Format returns the format and the size of the audio.
func (s *Stream) Format() (format audioclock.Format, size int64) { return s.format, s.size }

// Attributes appends the stream's measurements.
func (s *Stream) Attributes(attrs []attribute.KeyValue) []attribute.KeyValue {
	seconds := func(d time.Duration, kv func(float64) attribute.KeyValue) {
		if d > 0 {
			attrs = append(attrs, kv(d.Seconds()))
		}
	}
	seconds(s.connected, semconv.VoiceStreamConnectDuration)
	seconds(s.outage, semconv.VoiceStreamOutage)
	seconds(s.sent, semconv.VoiceStreamAudioSent)
	seconds(s.billed+s.billing, semconv.VoiceStreamAudioBilled)
	if s.reconnects > 0 {
		attrs = append(attrs, semconv.VoiceStreamReconnectCount(s.reconnects))
	}
	if s.drops > 0 {
		attrs = append(attrs, semconv.VoiceStreamDropCount(s.drops))
	}
	return append(attrs, semconv.VoiceStreamUtteranceCount(s.utterances))
}

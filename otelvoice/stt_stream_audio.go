// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"github.com/voice-agents/telemetry/otelvoice/internal/audioclock"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
	"github.com/voice-agents/telemetry/semconv"
)

// countAfter is how much audio is sent before it is counted in the metrics, so that they are
// updated during a call and not only at its end.
const countAfter = 10 * time.Second

// SetAudio describes the audio that is sent. For raw PCM and G.711 durations are computed from
// sizes. For other codecs use [STTStream.AddFrame].
func (s *STTStream) SetAudio(format AudioFormat) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Open() {
		s.state.SetFormat(audioclock.Format(format))
		s.countIfDue()
	}
}

// AddAudio records audio that is sent now. It does not retain data. Call it for every frame,
// including silence. The end of the frame counts as heard now. If frames are added faster than
// speech, the audio before them counts as heard earlier, without a pause.
func (s *STTStream) AddAudio(data []byte) { s.AddAudioAt(data, time.Time{}) }

// AddAudioAt is [STTStream.AddAudio] for audio whose end was captured at a given time. Use it if
// there is a queue between the microphone and the connection. The zero time is now. A time in the
// future or more than an hour ago is from another clock: it is counted in
// voice.measurements.dropped and replaced by the current time.
func (s *STTStream) AddAudioAt(data []byte, captured time.Time) {
	if s == nil || len(data) == 0 {
		return
	}
	captured = s.captured(captured)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Sending() {
		s.state.AddAudio(len(data), captured)
		s.countIfDue()
	}
}

// AddFrame records a frame of a given duration that is sent. It is for codecs such as Opus, whose
// durations cannot be computed from sizes. The zero time is now; see [STTStream.AddAudioAt].
func (s *STTStream) AddFrame(duration time.Duration, captured time.Time) {
	if s == nil || duration == 0 || !s.session.tel.emit.Plausible(s.record, semconv.VoiceStreamAudioSentKey, duration) {
		return
	}
	captured = s.captured(captured)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Sending() {
		s.state.AddFrame(duration, captured)
		s.countIfDue()
	}
}

// Dropped records frames that were captured but not sent, for example because the recogniser does
// not accept audio and a queue is full. They are counted in voice.stream.drop.count. The first
// call for each connection logs a warning.
func (s *STTStream) Dropped(frames int) {
	if s == nil || frames <= 0 {
		return
	}
	s.mu.Lock()
	if !s.state.Open() {
		s.mu.Unlock()
		return
	}
	first := s.state.Drop(frames)
	s.mu.Unlock()
	if first {
		s.line(calllog.Warn, "drops audio frames: the recogniser does not accept audio", nil)
	}
	defer s.session.tel.emit.Guard.Recovered(guard.Instruments)
	s.meter("").Dropped(s.record, frames)
}

// captured returns the time of capture, or the current time if at is not plausible.
func (s *STTStream) captured(at time.Time) time.Time {
	now := time.Now()
	if at.IsZero() {
		return now
	}
	if !s.session.tel.emit.Plausible(s.record, semconv.VoiceStreamAudioSentKey, now.Sub(at)) {
		return now
	}
	return at
}

// countIfDue calls count if at least countAfter of the audio is not in the metrics yet.
func (s *STTStream) countIfDue() {
	if s.state.Uncounted() >= countAfter {
		s.count()
	}
}

// count counts the audio that was sent and is not in the metrics yet.
func (s *STTStream) count() {
	defer s.session.tel.emit.Guard.Recovered(guard.Instruments)
	if more := s.state.Uncounted(); more > 0 {
		s.state.Count()
		s.meter("").Sent(s.record, more.Seconds())
	}
}

// At returns when the audio at an offset in the connection was heard. It returns false if the
// offset is negative, more than 100 ms beyond the audio that was sent, or too far back to be in
// memory, and while no frame's duration is known. An offset at a pause of the audio is the end of
// the audio before the pause.
//
// At is as exact as the times of the frames. A frame counts as heard when it was added. If frames
// are added at the pace of speech but with a constant delay, use [STTStream.AddAudioAt] to set the
// time of capture.
func (s *STTStream) At(offset time.Duration) (time.Time, bool) {
	at, _, ok := s.timeOf(offset, audioclock.End)
	return at, ok
}

// timeOf returns when the audio at an offset was heard, and over which connection.
func (s *STTStream) timeOf(offset time.Duration, side audioclock.Edge) (at time.Time, connection int, ok bool) {
	if s == nil {
		return at, 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok = s.state.At(offset, side)
	return at, s.state.Connection(), ok
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"github.com/voice-agents/telemetry/otelvoice/internal/audioclock"
	"github.com/voice-agents/telemetry/semconv"
)

// countAfter is how much audio is sent before it is counted in the metrics, which
// must not wait for the end of a call.
const countAfter = 10 * time.Second

// SetAudio describes the audio that is sent. The sizes of raw PCM and G.711 give
// durations; for other codecs use [STTStream.AddFrame].
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

// AddAudio records audio that is sent now, and keeps none of it. Call it for every
// frame, silence included. The end of the frame counts as heard now; frames that are
// added faster than speech count as heard before, without a pause, up to the last one.
func (s *STTStream) AddAudio(data []byte) { s.AddAudioAt(data, time.Time{}) }

// AddAudioAt does what [STTStream.AddAudio] does for audio whose end was captured
// at a given time, as when a queue lies between the microphone and the connection.
// The zero time is now. A time in the future or more than an hour ago is not of
// this clock: it counts as now, and in voice.measurements.dropped.
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

// AddFrame records a frame that is sent, by its duration. It is for codecs such as Opus,
// whose sizes do not give the duration. The zero time is now; see
// [STTStream.AddAudioAt].
func (s *STTStream) AddFrame(duration time.Duration, captured time.Time) {
	if s == nil || duration == 0 || !s.session.tel.plausible(s.record, semconv.VoiceStreamAudioSentKey, duration) {
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

// Dropped records frames that were captured and dropped before they were sent, as when
// the recogniser takes no audio and a queue is full. They are counted in
// voice.stream.drop.count. The first of each connection are logged as a warning.
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
		s.line(levelWarn, "drops audio: the recogniser takes none", nil)
	}
	defer s.session.tel.guard.recovered(instruments)
	s.meter("").Dropped(s.record, frames)
}

// captured returns a time that can be one of capture.
func (s *STTStream) captured(at time.Time) time.Time {
	now := time.Now()
	if at.IsZero() {
		return now
	}
	if !s.session.tel.plausible(s.record, semconv.VoiceStreamAudioSentKey, now.Sub(at)) {
		return now
	}
	return at
}

// countIfDue counts the audio that was sent, if enough of it is not in the metrics yet.
func (s *STTStream) countIfDue() {
	if s.state.Uncounted() >= countAfter {
		s.count()
	}
}

// count counts the audio that was sent and is not in the metrics yet.
func (s *STTStream) count() {
	defer s.session.tel.guard.recovered(instruments)
	if more := s.state.Uncounted(); more > 0 {
		s.state.Count()
		s.meter("").Sent(s.record, more.Seconds())
	}
}

// At returns when the audio at an offset in the connection was heard. It is false
// for an offset that is negative, lies behind what was sent by more than 100 ms, or
// is so far back that it is forgotten, and while no frame's duration is known. An
// offset at a pause of the sound is the end of what was heard before it.
//
// It is as exact as the times of the frames are: a frame counts as heard when it was
// added. Frames that are added at the pace of speech, but late, are the exception:
// only [STTStream.AddAudioAt] knows that they were captured before.
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

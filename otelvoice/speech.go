// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/internal/audioclock"
	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/semconv"
)

// SpeechStarted marks [UserStarted] on the turn at the start of the utterance. offset is the
// start in the audio of the connection, as the recogniser of an [STTStream] reports it.
// SpeechStarted returns the time of the offset. If the stream does not know the time (see
// [STTStream.At]), SpeechStarted sets no mark, counts the offset in voice.measurements.dropped
// and returns false.
func (s *STT) SpeechStarted(offset time.Duration) (time.Time, bool) {
	if s == nil {
		return time.Time{}, false
	}
	at, ok := s.setEdge(semconv.VoiceSTTSpeechStartKey, offset, audioclock.Start)
	if ok && s.marks(UserStarted) {
		s.stage.turn.MarkAt(UserStarted, at)
	}
	return at, ok
}

// SpeechStopped marks t0, the end of the user's speech, as [STT.SpeechStarted] marks the start.
// The anchor is [AnchorSTT]: most recognisers report the end of the last word of the final
// transcript. If the turn has a t0 from a voice activity detector, that one is kept, because it
// is more exact.
func (s *STT) SpeechStopped(offset time.Duration) (time.Time, bool) {
	if s == nil {
		return time.Time{}, false
	}
	at, ok := s.setEdge(semconv.VoiceSTTSpeechEndKey, offset, audioclock.End)
	if ok && !s.stage.turn.anchored(AnchorVAD) && s.marks(UserStopped) {
		s.stage.turn.UserStopped(at, AnchorSTT)
	}
	return at, ok
}

// anchored reports whether the anchor of t0 is the given one.
func (t *Turn) anchored(anchor Anchor) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	last, ok := t.marks.Last(latency.UserStopped)
	return ok && Anchor(last.Anchor) == anchor
}

// setEdge sets the offset at which speech starts or ends, and returns its time.
func (s *STT) setEdge(key attribute.Key, offset time.Duration, side audioclock.Edge) (at time.Time, ok bool) {
	tel := s.stage.turn.session.tel
	var stream *STTStream
	s.stage.Set(func() { stream = s.stream })
	at, connection, ok := stream.timeOf(offset, side)
	switch {
	case offset < 0:
		tel.emit.Dropped(s.stage.Uncancelled, key, semconv.VoiceDropReasonNegative)
		return time.Time{}, false
	case !ok:
		tel.emit.Dropped(s.stage.Uncancelled, key, semconv.VoiceDropReasonOutOfRange)
		return time.Time{}, false
	}
	plausible := true
	s.stage.Set(func() { plausible = s.speech.Set(side, offset, connection) })
	if !plausible {
		tel.emit.Dropped(s.stage.Uncancelled, key, semconv.VoiceDropReasonNegative)
		return time.Time{}, false
	}
	return at, true
}

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

// SpeechStarted marks [UserStarted] on the turn at the start of the utterance, which the
// recogniser of an [STTStream] reports as an offset in the audio of its connection. It
// returns when that was. If the stream does not know the time (see [STTStream.At]),
// SpeechStarted returns false, marks nothing and counts in voice.measurements.dropped.
func (s *STT) SpeechStarted(offset time.Duration) (time.Time, bool) {
	if s == nil {
		return time.Time{}, false
	}
	at, ok := s.setEdge(semconv.VoiceSTTSpeechStartKey, offset, audioclock.Start)
	if ok {
		s.stage.turn.MarkAt(UserStarted, at)
	}
	return at, ok
}

// SpeechStopped marks t0, the end of the user's speech, on the turn as
// [STT.SpeechStarted] marks its start. The anchor is [AnchorSTT]: most recognisers report
// the end of the last word of the final transcript. A t0 from a voice activity detector is
// more exact and is kept.
func (s *STT) SpeechStopped(offset time.Duration) (time.Time, bool) {
	if s == nil {
		return time.Time{}, false
	}
	at, ok := s.setEdge(semconv.VoiceSTTSpeechEndKey, offset, audioclock.End)
	if ok && !s.stage.turn.anchored(AnchorVAD) {
		s.stage.turn.UserStopped(at, AnchorSTT)
	}
	return at, ok
}

// anchored reports whether t0 has an anchor.
func (t *Turn) anchored(anchor Anchor) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	last, ok := t.marks.Last(latency.UserStopped)
	return ok && Anchor(last.Anchor) == anchor
}

// setEdge sets where speech starts or ends, and returns when that was.
func (s *STT) setEdge(key attribute.Key, offset time.Duration, side audioclock.Edge) (at time.Time, ok bool) {
	tel := s.stage.turn.session.tel
	var stream *STTStream
	s.stage.set(func() { stream = s.stream })
	at, connection, ok := stream.timeOf(offset, side)
	switch {
	case offset < 0:
		tel.dropped(s.stage.record, key, semconv.VoiceDropReasonNegative)
		return time.Time{}, false
	case !ok:
		tel.dropped(s.stage.record, key, semconv.VoiceDropReasonOutOfRange)
		return time.Time{}, false
	}
	plausible := true
	s.stage.set(func() { plausible = s.speech.Set(side, offset, connection) })
	if !plausible {
		tel.dropped(s.stage.record, key, semconv.VoiceDropReasonNegative)
		return time.Time{}, false
	}
	return at, true
}
